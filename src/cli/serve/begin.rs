//! `awsx serve PROFILE…`: what is handed over, where, and until when.

use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use chrono::SubsecRound;
use serde_json::json;

use super::flags::Serve;
use super::place::listen;
use crate::app::App;
use crate::app::guard::Handover as Gate;
use crate::app::servers::{Status, listen_for_awsx};
use crate::app::serving::{Audience, Desk, Ended, Serving, Watched};
use crate::cli::exec_server::name_of;
use crate::cli::flags::SessionFlags;
use crate::cli::overlay::{Minted, plan_for};
use crate::cli::several::{Named, consent_of, make_each};
use crate::config::location;
use crate::host::Ends;
use crate::host::local_socket::LocalSocket;
use crate::host::server::{Door, start};
use crate::preferences::Preferences;
use crate::profile::FileKind;
use crate::report::Failure;
use crate::report::failure::word;
use crate::server::control::{Control, Tell};
use crate::server::{Access, Forwarded, Imds, Instance, own_hosts};
use crate::state::files::{create_private, directory};

pub(super) fn serve(app: &App, serve: &Serve) -> Result<ExitCode, Failure> {
    check(serve)?;
    let flags = serve.server.session();
    let mut serving = Serving::new(app);
    let gate = |profile: Option<&str>| gate(serve, profile);
    let (named, minted_ones): (Vec<_>, Vec<_>) =
        make_each(app, &flags, &serve.profiles, gate)?.into_iter().unzip();
    let instance = minted_ones.first().map(instance_of);
    for (one, minted) in named.iter().zip(minted_ones) {
        serving.add(&one.name, minted.plan, &minted.live, audience(serve, one))?;
    }
    let desk = serving.desk();
    let names: Vec<String> = named.iter().map(|one| one.name.clone()).collect();
    let watched = Arc::new(Watched::new(Arc::clone(&desk), files(app), names.iter().cloned()));
    let (listener, at) = listen(serve)?;
    let address = format!("http://{at}");
    let mut doors = Vec::new();
    let access = match (serve.imds, instance) {
        (true, Some(instance)) => {
            let imds = Arc::new(Imds::new(own_hosts(at), instance));
            doors.push(Door::near(listener, serve.imds_hop_limit.into(), imds));
            None
        }
        _ => {
            let access = Arc::new(Access::new(at.port(), own_hosts(at)));
            doors.push(Door::tcp(listener, Arc::clone(&access) as _));
            Some(access)
        }
    };
    let (for_awsx, _socket_of_awsx) = listen_for_awsx(app)?;
    let tell = tell(app, serve, &address, Arc::clone(&watched));
    doors.push(Door::unix(for_awsx, Arc::new(Control::new(access.clone(), names.clone(), tell))));
    let socket = match (&serve.socket, access) {
        (Some(path), Some(access)) => {
            let (listener, socket) = listen_at(path)?;
            doors.push(Door::unix(listener, Arc::new(Forwarded(access))));
            Some(socket)
        }
        _ => None,
    };
    let ends = {
        let desk = Arc::clone(&desk);
        Ends::await_first(move || desk.end())
            .map_err(|error| Failure::io("signals cannot be waited for", &error))?
    };
    let running = start(doors, app.clock(), Arc::clone(&watched))
        .map_err(|error| Failure::io("the server could not be started", &error))?;
    if let Some(timeout) = serve.idle_timeout {
        end_when_idle(watched, desk, timeout);
    }
    tell_person(app, serve, &names, &address);
    run(app, serve, &flags, serving, &named);
    drop((running, _socket_of_awsx, socket));
    ends.leave().map_err(|error| Failure::io("the signal could not be passed on", &error))?;
    Ok(ExitCode::SUCCESS)
}

/// Serves until it is ended. When a file has changed, the profiles are looked up anew, and guarded anew; nobody
/// is asked for anything any more.
fn run(app: &App, serve: &Serve, flags: &SessionFlags, serving: Serving<'_>, named: &[Named]) {
    let mut ended = serving.run();
    while let Ended::Changed(orders) = ended {
        let fresh = app.with_files_anew();
        let mut serving = Serving::again(&fresh, orders);
        for one in named {
            let profile = one.profile.as_deref();
            match plan_for(&fresh, flags, profile, &gate(serve, profile)) {
                Ok((plan, _)) => serving.expect(&one.name, plan, audience(serve, one)),
                Err(failure) => serving.refuse(&one.name, &failure),
            }
        }
        ended = serving.run();
    }
}

fn audience(serve: &Serve, one: &Named) -> Audience {
    Audience::of_profile(&one.name, serve.server.words())
}

/// What the command line says to the guards of this profile.
fn gate(serve: &Serve, profile: Option<&str>) -> Gate {
    let consent = consent_of(&serve.guard, &serve.profiles, profile);
    Gate::new("serve", "serve its credentials", consent)
}

fn check(serve: &Serve) -> Result<(), Failure> {
    let several = serve.profiles.len() > 1;
    if serve.imds && several {
        let message = "an instance has one profile, and several are named".to_owned();
        return Err(Failure::usage(message, "leave --imds out, or name one"));
    }
    Ok(())
}

fn instance_of(minted: &Minted) -> Instance {
    Instance {
        profile: name_of(minted),
        region: minted.plan.region().map(str::to_owned),
        account: minted.live.account_id().map(str::to_owned),
    }
}

/// What the profiles are read from.
fn files(app: &App) -> Vec<std::path::PathBuf> {
    let of_aws = [FileKind::Config, FileKind::Credentials];
    let of_aws = of_aws.into_iter().map(|kind| location::path(&app.env, kind));
    of_aws.chain(Preferences::path(&app.env)).collect()
}

fn listen_at(
    path: &std::path::Path,
) -> Result<(std::os::unix::net::UnixListener, LocalSocket), Failure> {
    let made = create_private(directory(path)).and_then(|()| LocalSocket::listen_privately(path));
    made.map_err(|error| {
        let what = format!("no socket can be made at {}", path.display());
        Failure::io(&what, &error)
            .with_hint("give one in a directory that is yours alone (chmod 700)".to_owned())
    })
}

fn tell(app: &App, serve: &Serve, address: &str, watched: Arc<Watched>) -> Tell {
    let status = Status {
        pid: std::process::id(),
        address: address.to_owned(),
        imds: serve.imds,
        socket: serve.socket.clone(),
        since: app.now().trunc_subsecs(0),
        profiles: Vec::new(),
    };
    Box::new(move |_| json!(Status { profiles: watched.profiles(), ..status.clone() }))
}

fn end_when_idle(watched: Arc<Watched>, desk: Arc<Desk>, timeout: Duration) {
    thread::spawn(move || {
        while let Some(left) = timeout.checked_sub(watched.idle()) {
            thread::park_timeout(left.max(Duration::from_millis(1)));
        }
        desk.end();
    });
}

fn tell_person(app: &App, serve: &Serve, names: &[String], address: &str) {
    let all = names.join(", ");
    let kind = if serve.imds { "as of an instance " } else { "" };
    app.out().notice(&format!("serves {all} {kind}at {address}; Ctrl-C ends it"));
    if serve.imds {
        app.out().warning(&format!("whoever reaches {address} gets the credentials of {all}"));
    }
    if let Some(name) = names.first() {
        let line = format!("awsx serve --print-env {}", word(name));
        app.out().notice(&format!("`{line}` prints what a program needs to ask it"));
    }
}
