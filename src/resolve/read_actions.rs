//! What reads and lists, service by service: the table is made from AWS's Service Authorization Reference by
//! `tests/data/iam_actions.py`.

/// A service, as IAM's actions begin, and patterns for its actions of the levels Read and List
const TABLE: &str = include_str!("read_actions.txt");

/// A policy that allows what reads and lists in these services, and nothing else; or the service that the table
/// does not have.
pub(crate) fn read_policy<'s>(services: &[&'s str]) -> Result<String, &'s str> {
    let mut actions = Vec::new();
    for service in services {
        let patterns = patterns_of(service).ok_or(*service)?;
        actions.extend(patterns.map(|pattern| format!("\"{service}:{pattern}\"")));
    }
    Ok(format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":[{}],"Resource":"*"}}]}}"#,
        actions.join(",")
    ))
}

/// The services that awsx knows what reads in.
pub(crate) fn services_to_read() -> impl Iterator<Item = &'static str> {
    rows().map(|(service, _)| service)
}

/// The services whose names have something in common with this one.
pub(crate) fn services_like(name: &str) -> Vec<&'static str> {
    let name = name.to_ascii_lowercase();
    let is_like = |known: &&str| {
        known.contains(&*name)
            || name.contains(known)
            || known.starts_with(name.get(..3).unwrap_or("?"))
    };
    rows().map(|(service, _)| service).filter(is_like).collect()
}

fn patterns_of(service: &str) -> Option<impl Iterator<Item = &'static str>> {
    rows().find(|(known, _)| *known == service).map(|(_, patterns)| patterns.split(' '))
}

fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLE.lines().filter_map(|line| line.split_once(' '))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Of each service those that read or list, and all others.
    const ACTIONS: &str = include_str!("../../tests/data/iam-actions.txt");

    fn matches(pattern: &str, action: &str) -> bool {
        let (pattern, action) = (pattern.to_lowercase(), action.to_lowercase());
        match pattern.strip_suffix('*') {
            Some(prefix) => action.starts_with(prefix),
            None => action == pattern,
        }
    }

    #[test]
    fn a_wildcard_stands_for_what_reads_and_for_nothing_else() {
        let mut services = 0;
        let mut actions: BTreeMap<&str, [Vec<&str>; 2]> = BTreeMap::new();
        for line in ACTIONS.lines() {
            let words: Vec<_> = line.split_whitespace().collect();
            let of = actions.entry(words[0]).or_default();
            of[usize::from(words[1] == "others")] = words[2..].to_vec();
        }
        for (service, [reads, others]) in &actions {
            let patterns: Vec<_> = patterns_of(service).unwrap().collect();
            let is_found = |action: &&&str| patterns.iter().any(|pattern| matches(pattern, action));
            let missing: Vec<_> = reads.iter().filter(|action| !is_found(action)).collect();
            let too_many: Vec<_> = others.iter().filter(is_found).collect();
            assert!(
                missing.is_empty() && too_many.is_empty(),
                "{service}: {missing:?} {too_many:?}"
            );
            let stands_for_some =
                |pattern: &&str| reads.iter().any(|action| matches(pattern, action));
            assert!(patterns.iter().all(stands_for_some), "{service}");
            services += 1;
        }
        assert_eq!(services, rows().count());
    }

    #[test]
    fn a_policy_names_the_actions_of_each_service() {
        let policy = read_policy(&["s3", "sqs"]).unwrap();
        assert_eq!(
            policy,
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:AllowVended*","s3:Describe*","s3:Get*","s3:List*","sqs:Get*","sqs:List*","sqs:ReceiveMessage"],"Resource":"*"}]}"#
        );
        assert_eq!(read_policy(&["s3", "dynamo"]), Err("dynamo"));
        assert_eq!(services_like("dynamo"), ["dynamodb"]);
        assert_eq!(services_like("S3"), ["s3", "s3express", "s3tables"]);
    }
}
