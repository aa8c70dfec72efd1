//! What of AWS's console a person wants to see, and how long AWS lets them. Pure.

mod destination;
mod length;
mod services;

pub(crate) use destination::{Destination, Place, check_path, check_url};
pub(crate) use length::{BOUNDS, Length, length};
pub(crate) use services::{find_service, service_names, services_near};
