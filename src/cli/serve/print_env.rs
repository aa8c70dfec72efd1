//! `awsx serve --print-env`

use std::io::{self, IsTerminal};

use super::find::{ANY, find_server};
use super::flags::Serve;
use crate::app::App;
use crate::app::guard::Handover as Gate;
use crate::app::mint::variables;
use crate::cli::env::print;
use crate::cli::exec_server::refuse_rival;
use crate::cli::overlay::plan_for;
use crate::deliver::format::Format;
use crate::deliver::{self, Delivery, Server};
use crate::report::Failure;
use crate::server::path_of;

/// Prints the variables by which a program asks the server for one profile, with a token of its own.
pub(super) fn print_env(app: &App, serve: &Serve, format: Format) -> Result<(), Failure> {
    if serve.format.is_none() && io::stdout().is_terminal() {
        return Err(Failure::usage(
            "this would print a secret on the terminal, and change nothing".to_owned(),
            "`eval \"$(awsx serve --print-env)\"` puts it into this shell; --format sh shows it",
        ));
    }
    let named = match &serve.profiles[..] {
        [] => None,
        [name] => Some(&**name),
        _ => {
            let message = "one token is for one profile, and several are named".to_owned();
            return Err(Failure::usage(message, "run it once for each of them"));
        }
    };
    let (running, profile) = find_server(app, named, &ANY)?;
    refuse_rival(app)?;
    let gate = Gate::new("serve", "let a program ask for its credentials", serve.guard.consent());
    let (plan, _) = plan_for(app, &serve.server.session(), Some(&profile), &gate)?;
    let variables = variables(app, &plan)?;
    let region = plan.region();
    let delivery = Delivery { profile: plan.profile(), role: None, region, variables: &variables };
    let address = &running.status.address;
    let overlay = match running.status.imds {
        true => deliver::environment_of_instance(address, &delivery, &app.inherited),
        false => {
            let token = running.new_token(&profile)?;
            let server = Server { uri: format!("{address}{}", path_of(&profile)), token };
            deliver::environment_of_server(&server, None, &delivery, &app.inherited)
        }
    };
    plan.note_token(app)?;
    print(app, format, &overlay)
}
