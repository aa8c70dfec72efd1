//! What a person is told of the vault, each thing once: many records may meet the same obstacle.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use crate::ports::{Nobody, Person, Terminal};

pub(super) struct ToldOnce {
    person: Rc<dyn Person>,
    told: RefCell<BTreeSet<String>>,
}

impl ToldOnce {
    pub(super) fn new(person: Rc<dyn Person>) -> Rc<Self> {
        Rc::new(Self { person, told: RefCell::default() })
    }
}

impl Person for ToldOnce {
    fn terminal(&self) -> Result<&dyn Terminal, Nobody> {
        self.person.terminal()
    }

    fn allows_dialogs(&self) -> bool {
        self.person.allows_dialogs()
    }

    fn tell(&self, message: &str) {
        if self.told.borrow_mut().insert(message.to_owned()) {
            self.person.tell(message);
        }
    }

    fn instruct(&self, message: &str) {
        self.person.instruct(message);
    }
}
