//! A real process gets a real SIGKILL at every step of a payment: before and after each commit, before and after each
//! call of the wallet. Another one goes on.

use std::{
    env,
    path::Path,
    process::Command,
    rc::Rc,
    sync::atomic::{AtomicU32, Ordering::Relaxed},
};

use rustix::process::{Signal, getpid, kill_process};

use super::house::{MARION, Memory, Peer, calm, euros, furnish, rules};
use crate::{
    action::pay::{Known, Order, PaymentId, Payments, Prepared, Settled, Standing, Wallet, WalletAddress, WalletError},
    config::PayMethod,
    store::Store,
    telemetry::Redacted,
};

/// The data directory, the payment's id, and the step at which to die.
const JOB: &str = "HERALD_TEST_PAY_JOB";
const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";
/// Three commits and two calls, each with a before and an after; the commit's after is the next thing's before.
const STEPS: u32 = 7;

/// Steps until the death.
static LEFT: AtomicU32 = AtomicU32::new(u32::MAX);

/// Dies if it is time.
fn step() {
    if LEFT.fetch_sub(1, Relaxed) == 1 {
        let _ = kill_process(getpid(), Signal::KILL);
    }
}

/// The wallet of the tests, with a step before and after each call.
#[derive(Debug)]
struct Deadly(Peer);

impl Deadly {
    fn around<T>(&mut self, call: impl FnOnce(&mut Peer) -> T) -> T {
        step();
        let answer = call(&mut self.0);
        step();
        answer
    }
}

impl Wallet for Deadly {
    fn prepare(&mut self, order: &Order, to: &WalletAddress) -> Result<Prepared, WalletError> {
        self.around(|peer| peer.prepare(order, to))
    }

    fn submit(&mut self, prepared: &Prepared) -> Result<Settled, WalletError> {
        self.around(|peer| peer.submit(prepared))
    }

    fn look_up(&mut self, prepared: &Prepared) -> Result<Known, WalletError> {
        self.around(|peer| peer.look_up(prepared))
    }
}

fn the_order() -> Order {
    let (id, reason) = (PaymentId::parse(ID).unwrap(), Redacted("pizza".to_owned()));
    Order { id, payee: MARION, money: euros(2_000), reason }
}

/// What a process does: it goes on with what an earlier one left, and orders the payment if it is not in the book.
fn live(dir: &Path) -> Standing {
    let store = Rc::new(Store::open(dir).unwrap());
    store.connection().commit_hook(Some(|| {
        step();
        false
    }));
    let wallet = Box::new(Deadly(Peer::new(dir)));
    let mut payments = Payments::open(store, rules(PayMethod::Wallet), Some(wallet));
    payments.reconcile().unwrap();
    payments.pay(&the_order(), &calm(), None).unwrap();
    payments.payment(&the_order().id).unwrap().standing
}

/// Not a test but the process that dies, when it is told where.
#[test]
fn a_process_that_dies() {
    let Ok(job) = env::var(JOB) else { return };
    let (step, dir) = job.split_once(' ').unwrap();
    LEFT.store(step.parse().unwrap(), Relaxed);
    live(Path::new(dir));
}

/// Runs that process; returns whether it was killed.
fn killed(dir: &Path, step: u32) -> bool {
    let module = module_path!().split_once("::").unwrap().1;
    let run = Command::new(env::current_exe().unwrap())
        .args(["--exact", &format!("{module}::a_process_that_dies"), "--test-threads=1"])
        .env(JOB, format!("{step} {}", dir.display()))
        .output()
        .unwrap();
    let signal = std::os::unix::process::ExitStatusExt::signal(&run.status);
    assert!(signal == Some(9) || run.status.success(), "{}", String::from_utf8_lossy(&run.stdout));
    signal == Some(9)
}

/// One posted transfer, one payment at the wallet.
fn check(dir: &Path, deaths: &[u32]) {
    assert_eq!(live(dir), Standing::Posted, "died at {deaths:?}");
    assert_eq!(Memory::at(dir).paid(&the_order()), 1, "died at {deaths:?}");
    let store = Store::open(dir).unwrap();
    let posted: i64 = store
        .connection()
        .query_row("SELECT COUNT(*) FROM transfers WHERE state = 'posted'", [], |row| row.get(0))
        .unwrap();
    assert_eq!(posted, 1, "died at {deaths:?}");
}

fn home() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    furnish(&Store::open(dir.path()).unwrap());
    dir
}

#[test]
fn a_kill_at_every_step_leaves_one_payment() {
    for step in 1..=STEPS {
        let dir = home();
        assert!(killed(dir.path(), step), "step {step}");
        check(dir.path(), &[step]);
    }
    let dir = home();
    assert!(!killed(dir.path(), STEPS + 1), "there are no more steps");
    check(dir.path(), &[]);
}

#[test]
fn a_second_kill_at_every_step_of_going_on_leaves_one_payment() {
    for first in 1..=STEPS {
        let mut second = 1;
        loop {
            let dir = home();
            assert!(killed(dir.path(), first));
            let was_killed = killed(dir.path(), second);
            check(dir.path(), &[first, second]);
            if !was_killed {
                break;
            }
            second += 1;
        }
        assert!(second > 1, "there was something to go on with after step {first}");
    }
}
