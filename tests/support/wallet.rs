//! A provider of wallets on loopback: a Node program (`wallet/peer.mjs`) that checks every request with the standard's own
//! code. `alice` and `bob` hold euros, `carol` dollars. And Alice's Herald.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use herald::{
    action::pay::{
        Known, Money, Order, Prepared, Settled, Wallet, WalletAddress, WalletError,
        open_payments::{ConnectError, OpenPayments},
    },
    intent::{Currency, contacts::ContactId},
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The page that the consent page leads back to.
pub const PAGE: &str = "http://127.0.0.1:8787/pay";
/// What a request for a payment is called at the provider.
pub const PAY: &str = "POST /op/outgoing-payments";
/// Twenty euros.
pub const TWENTY: u64 = 2_000;

/// A running provider.
pub struct Provider {
    dir: TempDir,
    modules: PathBuf,
    port: u16,
    child: Child,
}

impl Provider {
    /// Starts a provider, or says why there is none and returns `None`.
    pub fn start() -> Option<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let modules = std::env::var_os("HERALD_WALLET").map_or_else(|| root.join("target/wallet"), PathBuf::from);
        if !modules.join("node_modules/@interledger/open-payments").exists() {
            println!("skipped: no wallet (`make test` installs it)");
            return None;
        }
        let dir = tempfile::tempdir().unwrap();
        let (child, port) = spawn(&modules, dir.path(), 0);
        Some(Self { dir, modules, port, child })
    }

    /// Kills it, and starts it again with all that it knew.
    pub fn restart(&mut self) {
        self.down();
        (self.child, self.port) = spawn(&self.modules, self.dir.path(), self.port);
    }

    /// Kills it.
    pub fn down(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// The address of somebody's wallet.
    pub fn wallet(&self, of: &str) -> String {
        format!("http://127.0.0.1:{}/{of}", self.port)
    }

    /// All that it knows.
    pub fn state(&self) -> Value {
        let text =
            ureq::get(self.wallet("control")).call().unwrap().body_mut().with_config().limit(1 << 26).read_to_string();
        serde_json::from_str(&text.unwrap()).unwrap()
    }

    /// Changes what it knows, or what it does next.
    pub fn set(&self, change: &Value) {
        ureq::post(self.wallet("control")).send(change.to_string()).unwrap();
    }

    /// Does something once with the next such request: `ignore` it, `lose` or `die` after acting, `{"status"}`, `{"slow_ms"}`.
    pub fn next(&self, request: &str, what: &Value) {
        self.set(&json!({ "next": { request: what } }));
    }

    /// Adds a key in the settings of Alice's wallet; no other is valid afterwards.
    pub fn trust(&self, key: &str) {
        let key: Value = serde_json::from_str(key).unwrap();
        self.set(&json!({ "keys": { "alice": [key] } }));
    }

    /// Presses a button of a consent page; returns the address it leads to.
    pub fn consent(&self, page: &str, choice: &str) -> String {
        assert!(page.starts_with(&self.wallet("interact/")), "{page}");
        let agent = ureq::Agent::config_builder().max_redirects(0).max_redirects_will_error(false).build().new_agent();
        let answer = agent.get(format!("{page}?choice={choice}")).call().unwrap();
        answer.headers()["location"].to_str().unwrap().to_owned()
    }

    /// The requests so far: `POST /op/quotes 201 signature valid, schema ok, answer ok`.
    pub fn log(&self) -> Vec<String> {
        let line = |entry: &Value| {
            let of = |field: &str| entry[field].as_str().unwrap_or_default().to_owned();
            let (signature, schema, answer) = (of("signature"), of("schema"), of("answer"));
            let status = &entry["status"];
            format!("{} {} {status} signature {signature}, schema {schema}, answer {answer}", of("method"), of("path"))
        };
        self.state()["log"].as_array().unwrap().iter().map(line).collect()
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.down();
    }
}

fn spawn(modules: &Path, dir: &Path, port: u16) -> (Child, u16) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/wallet/peer.mjs");
    let errors = File::options().create(true).append(true).open(dir.join("errors.log")).unwrap();
    let mut command = Command::new("node");
    command.arg(script).arg(modules).arg(dir.join("state.json")).arg(port.to_string());
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(errors).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let port = line.trim().parse();
    let errors = || std::fs::read_to_string(dir.join("errors.log")).unwrap_or_default();
    (child, port.unwrap_or_else(|_| panic!("the wallet did not start: {}", errors())))
}

/// Euros.
pub fn euros(minor: u64) -> Money {
    Money::new(minor, Currency::Eur).unwrap()
}

fn now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}

/// The wallet of a data directory.
pub fn open(dir: &Path) -> OpenPayments {
    OpenPayments::open(dir, Duration::from_secs(5)).unwrap()
}

/// The words of an address's query.
pub fn query(address: &str) -> BTreeMap<String, String> {
    let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned();
    let pairs = address.split_once('?').unwrap().1.split('&');
    pairs.map(|pair| pair.split_once('=').unwrap()).map(|(name, value)| (decoded(name), decoded(value))).collect()
}

/// Alice, whose Herald may pay from her wallet.
pub struct Alice {
    pub provider: Provider,
    pub dir: TempDir,
    pub wallet: OpenPayments,
}

impl Alice {
    /// With a permission for so many euros a month.
    pub fn with(monthly: u64) -> Option<Self> {
        let mut alice = Self::unconnected()?;
        alice.provider.trust(&alice.wallet.public_key());
        alice.connect(monthly);
        Some(alice)
    }

    /// Gives the permission.
    pub fn connect(&mut self, monthly: u64) {
        let page = self.ask(monthly).unwrap();
        let back = query(&self.provider.consent(&page, "accept"));
        self.wallet.finish_grant(&back["interact_ref"], &back["hash"]).unwrap();
    }

    pub fn unconnected() -> Option<Self> {
        let provider = Provider::start()?;
        let dir = tempfile::tempdir().unwrap();
        let wallet = open(dir.path());
        Some(Self { provider, dir, wallet })
    }

    pub fn ask(&mut self, monthly: u64) -> Result<String, ConnectError> {
        let address = self.address("alice");
        self.wallet.begin_grant(&address, euros(monthly), PAGE, now_ms())
    }

    /// Herald starts again.
    pub fn restart(&mut self) {
        self.wallet = open(self.dir.path());
    }

    pub fn address(&self, of: &str) -> WalletAddress {
        WalletAddress::parse(&self.provider.wallet(of)).unwrap()
    }

    pub fn prepare(&mut self, money: Money, to: &str) -> Result<Prepared, WalletError> {
        let order = Order::new(ContactId(1), money, "pizza");
        let address = self.address(to);
        self.wallet.prepare(&order, &address)
    }

    pub fn quote(&mut self) -> Prepared {
        self.prepare(euros(TWENTY), "bob").unwrap()
    }

    pub fn pay(&mut self) -> Result<Settled, WalletError> {
        let prepared = self.quote();
        self.wallet.submit(&prepared)
    }

    pub fn submit(&mut self, prepared: &Prepared) -> Result<Settled, WalletError> {
        self.wallet.submit(prepared)
    }

    pub fn look_up(&mut self, prepared: &Prepared) -> Result<Known, WalletError> {
        self.wallet.look_up(prepared)
    }

    /// What every payment so far debited.
    pub fn paid(&self) -> Vec<u64> {
        let state = self.provider.state();
        let of = |payment: &Value| payment["debitAmount"]["value"].as_str().unwrap().parse().unwrap();
        state["outgoing"].as_object().unwrap().values().map(of).collect()
    }

    /// Fails unless every request was signed and as the standard wants it, but those that need no signature.
    pub fn assert_valid(&self) {
        let log = self.provider.log();
        for line in &log {
            assert!(
                line.contains("signature valid, schema ok") || line.contains("signature not needed, schema ok"),
                "{line}"
            );
            assert!(line.contains("answer ok") || line.contains("answer unchecked"), "{line}");
        }
        assert!(log.len() > 3);
    }
}
