//! The codes of a stored device, each given once.

use chrono::{DateTime, TimeDelta, Utc};

use super::device::StoredDevice;
use super::totp::Step;
use super::used_codes::UsedCodes;
use crate::credentials::MfaCode;
use crate::ports::{Clock, Person};
use crate::vault::{Lock, Question, Vault, VaultError};

/// What is left of a step at least when its code is given: it has to reach AWS in it.
const LEAST: TimeDelta = TimeDelta::seconds(2);

/// What whoever needs a code of the same device says of the one that has its turn.
pub(crate) const ASKS: &str = "asks for a code of the same MFA device";
pub(crate) const WAITING: &str = "waiting for another awsx that is using the same MFA device";

/// Where the codes of a stored device are taken.
#[derive(Clone, Copy)]
pub(crate) struct StoredCodes<'a> {
    pub vault: &'a Vault,
    pub person: &'a dyn Person,
    pub clock: &'a dyn Clock,
    pub device: &'a StoredDevice,
}

impl StoredCodes<'_> {
    /// A code that was not used, in the step in which the device shows it: waits for the next one if need be,
    /// 30 s at most unless that is used too.
    pub(crate) fn next(self) -> Result<(MfaCode, Step), VaultError> {
        loop {
            let now = self.clock.now();
            let used = UsedCodes::read(self.vault, self.device.serial(), now)?;
            let present = Step::at(now);
            let code = self.device.code(present);
            let wait = present.next().begin() - now;
            match used.contains(&code) {
                false if wait >= LEAST => return Ok((code, present)),
                true if wait >= LEAST => self.person.tell(&format!(
                    "AWS takes each MFA code once; waiting {} s for the device's next code",
                    (wait + TimeDelta::milliseconds(999)).num_seconds()
                )),
                _ => {}
            }
            self.clock.sleep(wait.to_std().unwrap_or_default());
        }
    }

    /// Takes a code for whoever will type it: it counts as used. With it, when the device shows the next one.
    pub(crate) fn take(self) -> Result<(MfaCode, DateTime<Utc>), VaultError> {
        let serial = self.device.serial();
        let _turn = self.vault.take_turn(Question::Code(serial), ASKS, || false)?;
        loop {
            let (code, step) = self.next()?;
            let _device = self.vault.hold(Lock::MfaDevice(serial), WAITING)?;
            let mut used = UsedCodes::read(self.vault, serial, self.clock.now())?;
            // Another awsx may have sent it meanwhile.
            if !used.contains(&code) {
                used.add(&code, self.clock.now());
                used.keep(self.vault, serial)?;
                return Ok((code, step.next().begin()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::totp::Seed;
    use super::*;
    use crate::login::testing::World;

    #[test]
    fn no_code_is_given_twice_and_none_that_is_about_to_end() {
        for (docs, seconds, takes, expected, said) in [
            ("a fresh step", 0, 1, vec![0], vec![]),
            ("with two seconds left", 28, 1, vec![0], vec![]),
            ("with less", 29, 1, vec![1], vec![]),
            ("again at once", 10, 2, vec![0, 1], vec!["waiting 20 s"]),
            ("thrice", 10, 3, vec![0, 1, 2], vec!["waiting 20 s", "waiting 30 s"]),
        ] {
            let world = World::at(0);
            let clock = &world.clock;
            clock.sleep(std::time::Duration::from_secs(seconds));
            let start = Step::at(clock.now());
            let seed = Seed::parse("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").unwrap();
            let device = &StoredDevice::new("arn:aws:iam::111111111111:mfa/ann", seed, clock.now());
            let codes = StoredCodes { vault: &world.vault, person: &*world.person, clock, device };
            let mut steps = vec![start];
            (0..4).for_each(|_| steps.push(steps.last().unwrap().next()));
            let shown: Vec<_> = steps.iter().map(|step| device.code(*step)).collect();
            let taken: Vec<usize> = (0..takes)
                .map(|_| {
                    let (code, ends) = codes.take().unwrap();
                    let place = shown.iter().position(|one| one.expose() == code.expose()).unwrap();
                    assert_eq!(ends, steps[place + 1].begin(), "{docs}");
                    place
                })
                .collect();
            assert_eq!(taken, expected, "{docs}");
            let told = world.person.said.borrow();
            assert_eq!(told.len(), said.len(), "{docs}: {told:?}");
            assert!(told.iter().zip(&said).all(|(told, said)| told.contains(said)), "{told:?}");
        }
    }
}
