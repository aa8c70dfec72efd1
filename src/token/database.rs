//! Which region a database is in, as far as its name says it.

use crate::profile::has_form_of_region;

/// The region in the name that AWS gave: `db.abc.eu-west-1.rds.amazonaws.com`, `db.abc.rds.cn-north-1.amazonaws.com.cn`,
/// `abc.dsql.eu-west-1.on.aws`. A name of one's own says none.
pub(crate) fn region_of_database(host: &str) -> Option<&str> {
    let labels: Vec<&str> = host.trim_end_matches('.').split('.').collect();
    let is_of_aws = ["amazonaws", "on", "api"].iter().any(|name| labels.contains(name));
    let at = labels.iter().rposition(|label| *label == "rds" || label.starts_with("dsql"))?;
    let beside = [at.checked_sub(1), at.checked_add(1)].into_iter().flatten();
    let mut beside = beside.filter_map(|at| labels.get(at).copied());
    beside.find(|label| is_of_aws && has_form_of_region(label))
}

/// Holds a name to be one that a database can have, alone.
pub(crate) fn check_host(host: &str) -> Result<(), &'static str> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    match host {
        "" => Err("it is empty"),
        _ if host.chars().all(is_name) => Ok(()),
        _ => Err("it is not the name of a host alone, such as db.abc.eu-west-1.rds.amazonaws.com"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_region_is_in_the_name_that_aws_gave() {
        for (host, expected) in [
            ("db.abc123.eu-west-1.rds.amazonaws.com", Some("eu-west-1")),
            ("db.cluster-ro-abc123.us-gov-west-1.rds.amazonaws.com", Some("us-gov-west-1")),
            ("my.proxy-abc123.ap-southeast-2.rds.amazonaws.com.", Some("ap-southeast-2")),
            ("db.abc123.rds.cn-north-1.amazonaws.com.cn", Some("cn-north-1")),
            ("abc.dsql.us-east-2.on.aws", Some("us-east-2")),
            ("abc.dsql-fnh4.us-east-2.on.aws", Some("us-east-2")),
            ("eu-west-1.rds.example.com", None),
            ("db.example.com", None),
            ("localhost", None),
            ("rds", None),
        ] {
            assert_eq!(region_of_database(host), expected, "{host}");
        }
    }

    #[test]
    fn a_host_is_a_name_alone() {
        for (host, expected) in [
            ("db.abc.eu-west-1.rds.amazonaws.com", true),
            ("db_1.local", true),
            ("https://db.example.com", false),
            ("db.example.com:5432", false),
            ("db example", false),
            ("", false),
        ] {
            assert_eq!(check_host(host).is_ok(), expected, "{host}");
        }
    }
}
