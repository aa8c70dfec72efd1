//! SAML assertions: what an identity provider says of a person to AWS. Pure. Whether it is true, AWS sees:
//! it has the provider's certificate.

mod assertion;
mod choice;
mod encoded;
mod flaw;
mod source;

pub(crate) use assertion::{Assertion, SamlRole};
pub(crate) use choice::{NoRole, choose};
pub(crate) use flaw::AssertionFlaw;
pub(crate) use source::{AssertionSource, Consumer};
