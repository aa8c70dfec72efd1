//! A desk that is watched: who asks for what, and whether the files still say what is handed over.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use super::desk::Desk;
use crate::app::servers::ProfileStatus;
use crate::server::{Backend, Served, Unavailable};

/// How often files are looked at, at most.
const PAUSE: Duration = Duration::from_millis(200);

/// What tells a file from one that was written in its place.
type Stamp = Option<(SystemTime, u64)>;

/// Where the clients of `awsx serve` ask.
pub(crate) struct Watched {
    desk: Arc<Desk>,
    files: Vec<PathBuf>,
    state: Mutex<State>,
}

struct State {
    looked: Instant,
    stamps: Vec<Stamp>,
    used: Instant,
    profiles: BTreeMap<String, ProfileStatus>,
}

impl Watched {
    /// `files`: what the profiles are read from.
    pub(crate) fn new(
        desk: Arc<Desk>,
        files: Vec<PathBuf>,
        profiles: impl IntoIterator<Item = String>,
    ) -> Self {
        let now = Instant::now();
        let status = |name: String| {
            let (answered, expires_at, problem) = (0, None, None);
            (name.clone(), ProfileStatus { name, answered, expires_at, problem })
        };
        let profiles = profiles.into_iter().map(status).collect();
        let stamps = stamps(&files);
        let state = Mutex::new(State { looked: now, stamps, used: now, profiles });
        Self { desk, files, state }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long nobody has asked.
    pub(crate) fn idle(&self) -> Duration {
        self.state().used.elapsed()
    }

    pub(crate) fn profiles(&self) -> Vec<ProfileStatus> {
        self.state().profiles.values().cloned().collect()
    }

    /// Hands nothing over any more that was made before a file changed.
    fn look_at_files(&self) {
        let mut state = self.state();
        state.used = Instant::now();
        if state.looked.elapsed() < PAUSE {
            return;
        }
        let found = stamps(&self.files);
        if found != state.stamps {
            self.desk.recall();
        }
        state.stamps = found;
        state.looked = Instant::now();
    }
}

fn stamps(files: &[PathBuf]) -> Vec<Stamp> {
    let stamp = |path: &PathBuf| {
        let found = fs::metadata(path).ok()?;
        Some((found.modified().ok()?, found.len()))
    };
    files.iter().map(stamp).collect()
}

impl Backend for Watched {
    async fn credentials(&self, profile: &str) -> Result<Served, Unavailable> {
        self.look_at_files();
        let served = self.desk.credentials(profile).await;
        if let Some(status) = self.state().profiles.get_mut(profile) {
            match &served {
                Ok(served) => {
                    status.answered += 1;
                    status.expires_at = served.expires;
                    status.problem = None;
                }
                Err(unavailable) => status.problem = Some(unavailable.message.clone()),
            }
        }
        served
    }
}
