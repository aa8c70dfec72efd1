//! Access keys that are to be kept.

use super::App;
use crate::client_settings::ClientSettings;
use crate::credentials::{Keys, LongTermCredentials};
use crate::keys::record::KeyOwner;
use crate::ports::{CallError, Sts};

/// Whose an access key is: AWS is asked, as these settings say.
pub(crate) fn prove(
    app: &App,
    settings: &ClientSettings,
    key: &LongTermCredentials,
) -> Result<KeyOwner, CallError> {
    let caller = app.clients(settings).aws.get_caller_identity(&Keys::LongTerm(key.clone()))?;
    Ok(KeyOwner { account_id: caller.account, arn: caller.arn, proved_at: app.now() })
}
