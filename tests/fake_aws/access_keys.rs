//! A user's access keys: two at most, and a new one is not known at once.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html>

use super::answer::{Refusal, element};
use super::iam::{AccessKey, rfc3339};
use super::iam_api::{Asked, Outcome};
use super::input::{ACCESS_KEY_ID, Input, STATUS};
use super::state::State;

const MOST: usize = 2;

pub(super) fn create(state: &mut State, asked: &Asked<'_>) -> Outcome {
    let (id, secret) = (state.random.identifier("AKIA"), state.random.secret_key());
    let unknown = (state.iam.refusals_of_new_keys, state.iam.lists_without_new_keys);
    let now = state.now();
    let user = asked.user(state);
    if user.keys.len() >= MOST {
        let message = format!("Cannot exceed quota for AccessKeysPerUser: {MOST}");
        return Err(Refusal::new(409, "LimitExceeded", message));
    }
    let key = AccessKey { unknown, ..AccessKey::new(&id, &secret, now) };
    let members = members(user.name(), &key) + &element("SecretAccessKey", &key.secret);
    user.keys.push(key);
    Ok(Some(format!("<AccessKey>\n{members}</AccessKey>\n")))
}

pub(super) fn list(state: &mut State, asked: &Asked<'_>) -> Outcome {
    let user = asked.user(state);
    let name = user.name().to_owned();
    let mut list = String::new();
    for key in &mut user.keys {
        match key.unknown.1.checked_sub(1) {
            Some(left) => key.unknown.1 = left,
            None => list.push_str(&format!("<member>\n{}</member>\n", members(&name, key))),
        }
    }
    let list = format!("<AccessKeyMetadata>\n{list}</AccessKeyMetadata>\n");
    Ok(Some(element("IsTruncated", "false") + &list))
}

pub(super) fn update(state: &mut State, asked: &Asked<'_>) -> Outcome {
    let mut input = Input::new(asked.parameters);
    let id = input.require("AccessKeyId", &ACCESS_KEY_ID);
    let status = input.require("Status", &STATUS);
    input.check()?;
    if !["Active", "Inactive"].contains(&status) {
        return Err(Refusal::invalid(format!(
            "1 validation error detected: Value '{status}' at 'status' failed to satisfy constraint: \
             Member must satisfy enum value set: [Active, Inactive, Expired]"
        )));
    }
    key(state, asked, id)?.active = status == "Active";
    Ok(None)
}

pub(super) fn delete(state: &mut State, asked: &Asked<'_>) -> Outcome {
    let mut input = Input::new(asked.parameters);
    let id = input.require("AccessKeyId", &ACCESS_KEY_ID);
    input.check()?;
    key(state, asked, id)?;
    asked.user(state).keys.retain(|key| key.id != id);
    Ok(None)
}

pub(super) fn last_used(state: &mut State, asked: &Asked<'_>) -> Outcome {
    let mut input = Input::new(asked.parameters);
    let id = input.require("AccessKeyId", &ACCESS_KEY_ID);
    input.check()?;
    let name = asked.user(state).name().to_owned();
    let Some(key) = asked.user(state).keys.iter().find(|key| key.id == id) else {
        let (who, action) = (&asked.arn, "iam:GetAccessKeyLastUsed");
        return Err(Refusal::access_denied(format!(
            "User: {who} is not authorized to perform: {action} on resource: access key {id}"
        )));
    };
    let members = match &key.last_use {
        Some((at, service, region)) => [
            element("LastUsedDate", &rfc3339(*at)),
            element("ServiceName", service),
            element("Region", region),
        ]
        .concat(),
        None => element("ServiceName", "N/A") + &element("Region", "N/A"),
    };
    let used = format!("<AccessKeyLastUsed>\n{members}</AccessKeyLastUsed>\n");
    Ok(Some(element("UserName", &name) + &used))
}

fn key<'s>(
    state: &'s mut State,
    asked: &Asked<'_>,
    id: &str,
) -> Result<&'s mut AccessKey, Refusal> {
    let found = asked.user(state).keys.iter_mut().find(|key| key.id == id);
    found.ok_or_else(|| {
        let message = format!("The Access Key with id {id} cannot be found.");
        Refusal::new(404, "NoSuchEntity", message)
    })
}

/// What `AccessKey` and `AccessKeyMetadata` have in common.
fn members(user: &str, key: &AccessKey) -> String {
    [
        element("UserName", user),
        element("AccessKeyId", &key.id),
        element("Status", if key.active { "Active" } else { "Inactive" }),
        element("CreateDate", &rfc3339(key.created)),
    ]
    .concat()
}
