//! A conversation with its companion page, without sound: what is said is typed.

use std::{
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    rc::Rc,
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread::{self, JoinHandle},
    time::Duration,
};

use herald::{
    action::{Account, Household, Local, Person, chat::Site, pay::Rules},
    companion::{self, Answer, Microphone, Page, Wish},
    config::{self, Config, PageFor, PayMethod, Sources},
    intent::contacts::{Book, Surroundings},
    runtime::{Conversation, EventLog, PinRefusal, Untouched},
    store::Store,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::events::Shared;

const CONTACTS: &str = include_str!("../examples/contacts.vcf");

/// A conversation with a page, and nobody but the tests.
pub struct House {
    pub dir: TempDir,
    pub link: String,
    /// Where visitors of a shop's page are served.
    pub chat: Option<String>,
    /// What happened, as the event log tells it.
    pub events: Shared,
    pub agent: ureq::Agent,
    orders: SyncSender<Order>,
    thread: Option<JoinHandle<()>>,
    config: Config,
}

/// Where the touch page is, and the chat.
type Links = (String, Option<String>);

/// What happens in the house.
enum Order {
    /// Somebody says something.
    Say(String),
    /// The page is gone, or back at its place.
    Serve(bool),
    /// Herald ends.
    End,
}

impl House {
    pub fn new() -> Self {
        Self::with("en", PageFor::Device)
    }

    pub fn with(lang: &str, page: PageFor) -> Self {
        Self::changed(lang, move |config| config.companion.page = page)
    }

    /// A house whose money moves by a method.
    pub fn paying(lang: &str, method: PayMethod) -> Self {
        Self::changed(lang, move |config| config.pay.method = method)
    }

    /// The house of somebody who has a shop with a page of this origin.
    pub fn with_shop(lang: &str, origin: &str, change: impl FnOnce(&mut Config)) -> Self {
        let origin = origin.to_owned();
        Self::changed(lang, move |config| {
            config.chat.open = true;
            config.chat.port = 0;
            config.chat.origins = vec![origin];
            config.dialogue.undo_window_ms = 0;
            change(config);
        })
    }

    fn changed(lang: &str, change: impl FnOnce(&mut Config)) -> Self {
        let sources = Sources { cores: 2, lang: Some(lang.parse().unwrap()), ..Sources::default() };
        let mut config = config::load(&sources).unwrap().config;
        config.telemetry.stats = true;
        config.companion = config::Companion { page: PageFor::Device, port: 0, suggestions: true };
        change(&mut config);
        let (dir, events) = (tempfile::tempdir().unwrap(), Shared::default());
        let (orders, thread, (link, chat)) = begin(config.clone(), dir.path(), events.clone());
        let tls = ureq::tls::TlsConfig::builder().disable_verification(true).build();
        let agent = ureq::Agent::config_builder().http_status_as_error(false).tls_config(tls).build().into();
        Self { dir, link, chat, events, agent, orders, thread: Some(thread), config }
    }

    /// Ends Herald and starts it again on the same directory, at another port.
    pub fn restart(&mut self) {
        self.end();
        let (orders, thread, (link, chat)) = begin(self.config.clone(), self.dir.path(), self.events.clone());
        (self.orders, self.thread, self.link, self.chat) = (orders, Some(thread), link, chat);
    }

    fn end(&mut self) {
        let _ = self.orders.send(Order::End);
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }

    /// The rules of its money.
    pub fn rules(&self) -> Rules {
        Rules::new(&self.config.pay)
    }

    /// Somebody says something.
    pub fn say(&self, words: &str) {
        self.orders.send(Order::Say(words.to_owned())).unwrap();
    }

    /// Somebody of the contact book writes.
    pub fn receive(&self, from: &str, body: &str) {
        let store = self.store();
        let found = Book::open(&store).unwrap().resolve(from, None, Surroundings::default());
        let person = Person::on_local(found.candidates[0].id.0, found.candidates[0].name.clone());
        let config = config::load(&Sources { cores: 2, ..Sources::default() }).unwrap().config;
        let local = Local::new(store, Household::new(&config.general));
        local.deliver(&Account::owner(), &person, &[], body).unwrap();
    }

    /// The page is gone, or back at its place.
    pub fn serve(&self, is_there: bool) {
        self.orders.send(Order::Serve(is_there)).unwrap();
    }

    /// A link that pairs a browser.
    pub fn pairing_link(&self) -> String {
        format!("{}/#{}", self.link, self.code())
    }

    /// Six digits that let a browser in.
    pub fn code(&self) -> String {
        companion::invite(&self.store(), jiff::Timestamp::now().as_millisecond()).unwrap().code
    }

    pub fn store(&self) -> Rc<Store> {
        Rc::new(Store::open(self.dir.path()).unwrap())
    }

    /// Lets a device in.
    pub fn pair(&self) -> Device<'_> {
        let code = self.code();
        let (status, answer) = self.nobody().post("/api/pair", &json!({"code": code, "name": "test"}));
        assert_eq!(status, 200, "{answer}");
        Device { house: self, token: answer["token"].as_str().unwrap().to_owned() }
    }

    /// Somebody without a token.
    pub fn nobody(&self) -> Device<'_> {
        Device { house: self, token: String::new() }
    }

    pub fn port(&self) -> u16 {
        self.link.rsplit_once(':').unwrap().1.parse().unwrap()
    }

    /// Sends bytes as they are and returns what comes back until the other side ends it.
    pub fn raw(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port())).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(15))).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.end();
    }
}

/// Starts the daemon on a thread; returns when its page is there.
fn begin(config: Config, data_dir: &Path, events: Shared) -> (SyncSender<Order>, JoinHandle<()>, Links) {
    let (orders, ordered) = sync_channel(16);
    let (tell, told) = sync_channel(1);
    let data_dir = data_dir.to_owned();
    let house = thread::Builder::new().name("house".to_owned());
    let log = move || EventLog::none().to_writer(Box::new(events));
    let thread = house.spawn(move || serve(config, &data_dir, log(), &ordered, &tell)).unwrap();
    (orders, thread, told.recv().unwrap())
}

/// What the daemon does, without sound.
fn serve(mut config: Config, data_dir: &Path, log: EventLog, orders: &Receiver<Order>, tell: &SyncSender<Links>) {
    let store = Rc::new(Store::open(data_dir).unwrap());
    Book::open(&store).unwrap().import(&store, CONTACTS).unwrap();
    let mut conversation = Conversation::open(&config, Rc::clone(&store), log).unwrap();
    let household = Household::new(&config.general);
    let site = config.chat.open.then(|| Site::open(&config, data_dir).unwrap());
    let chat = site.as_ref().map(|site| site.link().to_owned());
    let mut open = |conversation: &mut Conversation| {
        let page = Page::open(&config, data_dir, &household, conversation.state(Microphone::Waiting)).unwrap();
        config.companion.port = page.link().rsplit_once(':').unwrap().1.parse().unwrap();
        page
    };
    let mut page = Some(open(&mut conversation));
    tell.send((page.as_ref().unwrap().link().to_owned(), chat)).unwrap();
    let mut now_ms = 0;
    loop {
        match orders.try_recv() {
            Ok(Order::Say(words)) => conversation.read(&words),
            Ok(Order::Serve(true)) => page = Some(open(&mut conversation)),
            Ok(Order::Serve(false)) => page = None,
            Ok(Order::End) => return,
            Err(_) => {}
        }
        while let Some(touched) = page.as_ref().and_then(Page::touched) {
            let result = match &touched.wish {
                Wish::Touch(touch) => conversation.touch(touch.clone()),
                Wish::Read { conversation: id, last } => {
                    conversation.read_up_to(id, last);
                    Ok(())
                }
                Wish::Set(setting) => conversation.set(setting).map_err(|_| Untouched::Meaningless),
                Wish::Pin(pin) => match conversation.enter_pin(&pin.0) {
                    Ok(()) => Ok(()),
                    Err(refusal) => {
                        touched.answer(match refusal {
                            PinRefusal::Wrong(left) => Answer::WrongPin(left),
                            PinRefusal::Locked(seconds) => Answer::Locked(seconds),
                            PinRefusal::Meaningless => Answer::Refused,
                        });
                        continue;
                    }
                },
            };
            let state = conversation.state(Microphone::Waiting);
            touched.answer(match result {
                Ok(()) => Answer::Done(state),
                Err(Untouched::Stale) => Answer::Stale(state),
                Err(Untouched::Meaningless) => Answer::Refused,
            });
        }
        now_ms += 10;
        conversation.advance(now_ms);
        conversation.read_replies();
        conversation.refresh().unwrap();
        if let Some(site) = &site {
            site.attend(conversation.is_attended());
        }
        if let Some(page) = &page {
            page.show(conversation.state(Microphone::Waiting));
        }
        thread::sleep(Duration::from_millis(10));
    }
}

/// A browser.
pub struct Device<'a> {
    house: &'a House,
    pub token: String,
}

impl Device<'_> {
    pub fn get(&self, path: &str) -> (u16, Value) {
        let request = self.house.agent.get(format!("{}{path}", self.house.link));
        let answer = request.header("Authorization", format!("Bearer {}", self.token)).call().unwrap();
        read(answer)
    }

    /// Status, content type and text of what is no JSON.
    pub fn file(&self, path: &str) -> (u16, String, String) {
        let request = self.house.agent.get(format!("{}{path}", self.house.link));
        let mut answer = request.header("Authorization", format!("Bearer {}", self.token)).call().unwrap();
        let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
        (answer.status().as_u16(), kind, answer.body_mut().read_to_string().unwrap())
    }

    pub fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let request = self.house.agent.post(format!("{}{path}", self.house.link));
        let request = request.header("Authorization", format!("Bearer {}", self.token));
        read(request.content_type("application/json").send(body.to_string()).unwrap())
    }

    /// A request that is all in its address.
    pub fn act(&self, path: &str) -> (u16, Value) {
        let request = self.house.agent.post(format!("{}{path}", self.house.link));
        read(request.header("Authorization", format!("Bearer {}", self.token)).send_empty().unwrap())
    }

    pub fn delete(&self, path: &str) -> (u16, Value) {
        let request = self.house.agent.delete(format!("{}{path}", self.house.link));
        read(request.header("Authorization", format!("Bearer {}", self.token)).call().unwrap())
    }

    pub fn state(&self) -> Value {
        let (_, mut settings) = self.get("/api/settings");
        settings["version"] = Value::Null;
        settings
    }

    /// Writes to Marion and waits for the draft.
    pub fn write(&self, body: &str) -> Value {
        let (_, found) = self.get("/api/contacts?q=marion");
        let contact = found[0]["id"].as_i64().unwrap();
        let (status, state) = self.post("/api/touch", &json!({"act": "write", "contact": contact, "body": body}));
        assert_eq!(status, 200, "{state}");
        state
    }
}

fn read(mut answer: ureq::http::Response<ureq::Body>) -> (u16, Value) {
    let text = answer.body_mut().read_to_string().unwrap();
    (answer.status().as_u16(), serde_json::from_str(&text).unwrap_or(Value::Null))
}
