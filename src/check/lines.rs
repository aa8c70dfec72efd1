//! What is odd about lines, and what cannot be read.

use super::code::Code;
use super::finding::{Finding, Severity};
use super::reading::Reading;
use crate::config::ConfigError;
use crate::config::survey::Oddity;

/// A file, or a line of one, that cannot be read.
pub(crate) fn mistake_of_file(error: &ConfigError) -> Finding {
    let code = Code::from(error);
    match error {
        ConfigError::NotReadable { path, .. }
        | ConfigError::IsDirectory { path }
        | ConfigError::TooLarge { path } => Finding::of_failure(code, &**path, error),
        ConfigError::NotUtf8 { location } | ConfigError::Syntax { location, .. } => {
            Finding::of_failure(code, location, error)
        }
    }
}

/// Lines that do not mean the same to every tool.
pub(crate) fn check_lines(oddities: &[Oddity]) -> Vec<Finding> {
    let finding = |Oddity { warning, decides }: &Oddity| {
        let code = Code::from(warning.kind);
        let said = warning.kind.to_string();
        Finding {
            severity: severity(code, *decides),
            ..Finding::error(code, &warning.location, said)
        }
    };
    oddities.iter().map(finding).collect()
}

/// A tool that rejects the file has none of its profiles; one that reads the line otherwise has others, if it is
/// one that decides.
fn severity(code: Code, decides: bool) -> Severity {
    let is_lost = |reading: Reading| match reading {
        Reading::Rejects | Reading::Fails => true,
        Reading::Ignores | Reading::Otherwise(_) => decides,
        Reading::Reads => false,
    };
    let readings = code.readings();
    match readings.is_some_and(|readings| readings.both().into_iter().any(is_lost)) {
        true => Severity::Error,
        false => Severity::Warning,
    }
}
