//! Which findings `awsx config check --fix` makes disappear.

use std::path::Path;

use super::code::Code;
use super::finding::{Finding, Place};
use crate::config::mend::{Fault, Repair};

/// Marks those that are mended in a file, and those of who may use files.
pub(crate) fn mark_mechanical(found: &mut [Finding], file: &Path, done: &[Repair]) {
    for finding in found {
        finding.is_mechanical |= match &finding.place {
            Place::Line(at) if *at.file == *file => done
                .iter()
                .any(|repair| repair.line == at.line && finding.code == code(repair.fault)),
            _ => finding.code.is_of_modes() && cfg!(unix),
        };
    }
}

fn code(fault: Fault) -> Code {
    match fault {
        Fault::Odd(kind) => kind.into(),
        Fault::Quotes => Code::QuotedValue,
    }
}

impl Code {
    /// Whether it is about the permission bits of a file.
    pub(crate) fn is_of_modes(self) -> bool {
        matches!(self, Self::OthersCanRead | Self::OthersCanWrite)
    }
}
