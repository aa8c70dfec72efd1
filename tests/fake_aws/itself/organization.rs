//! The access portal's lists: paging, and how many requests it takes.

use std::collections::HashSet;

use super::portal::{portal, role_client};
use super::{exchange, refusal, status};
use crate::fake_aws::{FakeAws, sample};

#[tokio::test]
async fn a_large_organization_comes_in_pages() {
    let aws = FakeAws::start();
    aws.control(|state| state.portal.grow(120, 23));
    let (mut accounts, mut pages, mut next) = (Vec::new(), 0, None);
    loop {
        let ask = portal(&aws).list_accounts().access_token(sample::SSO_TOKEN).max_results(50);
        let page = ask.set_next_token(next).send().await.unwrap();
        accounts.extend(page.account_list.unwrap_or_default());
        (pages, next) = (pages + 1, page.next_token);
        if next.is_none() {
            break;
        }
    }
    assert_eq!((accounts.len(), pages), (121, 3));
    let count = |texts: Vec<String>| texts.into_iter().collect::<HashSet<_>>().len();
    let ids: Vec<_> = accounts.iter().map(|a| a.account_id.clone().unwrap()).collect();
    let names: Vec<_> = accounts.iter().map(|a| a.account_name.clone().unwrap()).collect();
    assert!(ids.iter().all(|id| id.len() == 12) && ids.iter().any(|id| id.starts_with('0')));
    for kind in [" ", ".", "ü", "PAY", "'", "/"] {
        assert!(names.iter().any(|name| name.contains(kind)), "{kind}");
    }
    assert!(count(ids.clone()) == 121 && count(names) < 121);

    let (mut roles, mut next) = (Vec::new(), None);
    loop {
        let ask = portal(&aws).list_account_roles().access_token(sample::SSO_TOKEN);
        let page = ask.account_id(&ids[7]).set_next_token(next).send().await.unwrap();
        roles.extend(page.role_list.unwrap_or_default());
        next = page.next_token;
        if next.is_none() {
            break;
        }
    }
    assert_eq!(roles.len(), 23);
    assert_eq!((aws.count("ListAccounts"), aws.count("ListAccountRoles")), (3, 2));

    // Each of them can be had.
    let (account, role) = (&ids[7], roles[22].role_name.clone().unwrap());
    let ask = portal(&aws).get_role_credentials().access_token(sample::SSO_TOKEN);
    let granted = ask.account_id(account).role_name(&role).send().await.unwrap();
    let holder = role_client(&aws, granted.role_credentials.unwrap());
    let who = holder.get_caller_identity().send().await.unwrap();
    assert_eq!(who.account.as_ref(), Some(account));
    assert!(who.arn.unwrap().contains(&format!("AWSReservedSSO_{role}_")));
}

#[test]
fn malformed_requests_for_lists_are_refused() {
    let aws = FakeAws::start();
    aws.control(|state| state.portal.grow(3, 3));
    let get = |path: &str, header: &str| {
        exchange(aws.url(), &format!("GET {path} HTTP/1.1\nHost: x\n{header}"), "").unwrap()
    };
    let token = format!("x-amz-sso_bearer_token: {}", sample::SSO_TOKEN);
    let page = get("/assignment/accounts?max_result=1", &token);
    let next = page.split_once("\"nextToken\":\"").unwrap().1.split_once('"').unwrap().0;
    let (accounts, roles) = ("/assignment/accounts", "/assignment/roles");
    let of = |account: &str| format!("{roles}?account_id={account}");
    for (path, header, expected) in [
        (accounts.to_owned(), &*token, "200"),
        (format!("{accounts}?max_result=100"), &token, "200"),
        (format!("{accounts}?next_token={next}"), &token, "200"),
        (format!("{accounts}?max_result=0"), &token, "400"),
        (format!("{accounts}?max_result=101"), &token, "400"),
        (format!("{accounts}?max_result=x"), &token, "400"),
        (format!("{accounts}?next_token=x"), &token, "400"),
        (format!("{}&next_token={next}", of("222222222222")), &token, "400"),
        (accounts.to_owned(), "x: y", "400"),
        (accounts.to_owned(), "x-amz-sso_bearer_token: another", "401"),
        (of("222222222222"), &token, "200"),
        (of("999999999999"), &token, "403"),
        (of("22"), &token, "400"),
        (roles.to_owned(), &token, "400"),
        (of("222222222222"), "x-amz-sso_bearer_token: another", "401"),
        ("/logout".to_owned(), &token, "405"),
    ] {
        let answer = get(&path, header);
        assert_eq!(status(&answer), expected, "{path} {header}: {answer}");
    }
    // An account that has nothing but an assignment is an account.
    aws.control(|state| {
        state.portal.accounts.clear();
        state.portal.assignments.truncate(1);
    });
    assert!(get(accounts, &token).contains("\"accountName\":\"account-222222222222\""));
    let listed = aws.calls().into_iter().find(|call| call.operation == "ListAccountRoles");
    assert_eq!(listed.unwrap().parameters["account_id"], "222222222222");
}

#[tokio::test]
async fn a_portal_has_a_rate() {
    for (rate, burst, taken) in [(0.001, Some(3.0), 3), (0.001, None, 1), (1e9, None, 5)] {
        let aws = FakeAws::start();
        aws.control(|state| {
            state.portal.limit.rate = Some(rate);
            state.portal.limit.burst = burst;
        });
        let mut outcomes = Vec::new();
        for _ in 0..5 {
            let ask = portal(&aws).list_accounts().access_token(sample::SSO_TOKEN);
            outcomes.push(refusal(ask.send().await));
        }
        let refused = "429 TooManyRequestsException Rate exceeded";
        let mut expected = vec!["not refused"; taken];
        expected.resize(5, refused);
        assert_eq!(outcomes, expected, "{rate} {burst:?}");
    }
}
