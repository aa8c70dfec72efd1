//! temporary
use crate::env::Env;
use crate::profile::{ClientSettings, Profile, Profiles};
/// x
#[derive(Debug, thiserror::Error)]
#[error("x")]
pub enum ClientSettingsError {}
/// x
pub fn client_settings(
    region: Option<&str>,
    env: &Env,
    profile: Option<&Profile>,
    _p: &Profiles,
) -> Result<ClientSettings, ClientSettingsError> {
    Ok(ClientSettings {
        region: region
            .or(env.get("AWS_REGION"))
            .or(profile.and_then(|p| p.get("region")).map(|s| s.value()))
            .map(str::to_owned),
        sts_endpoint_url: env.get("AWS_ENDPOINT_URL").map(str::to_owned),
        ..Default::default()
    })
}
