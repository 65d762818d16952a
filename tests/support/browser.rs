//! A real browser: Chromium without a window, driven through its own driver.
//!
//! `fantoccini` (MIT or Apache-2.0) speaks the `WebDriver` protocol and nothing that belongs to one browser. The driver is
//! started on a free port and ends, by process id, with the value; so does the browser.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use fantoccini::{
    Client, ClientBuilder, Locator,
    actions::{InputSource, KeyAction, KeyActions},
    elements::Element,
};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// How long a page may take to show something.
const PATIENCE: Duration = Duration::from_secs(20);

/// A browser with one window.
pub struct Browser {
    runtime: Runtime,
    client: Client,
    driver: Child,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts a browser in a language, or says why there is none and returns `None`.
    pub fn start(lang: &str, (width, height): (u32, u32)) -> Option<Self> {
        Self::with(lang, (width, height), "light")
    }

    /// The same with light or dark colours.
    pub fn with(lang: &str, (width, height): (u32, u32), scheme: &str) -> Option<Self> {
        let Ok(mut driver) =
            Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn()
        else {
            println!("skipped: no chromedriver");
            return None;
        };
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = lines.find_map(|line| {
            let line = line.ok()?;
            line.rsplit_once("started successfully on port ").map(|(_, port)| port.trim_end_matches('.').to_owned())
        });
        // The rest of what it says is nobody's business, and must not fill the pipe.
        let drain = std::thread::Builder::new().name("chromedriver".to_owned());
        drain.spawn(move || lines.for_each(drop)).unwrap();
        let profile = tempfile::tempdir().unwrap();
        let size = format!("--window-size={width},{height}");
        let profile_dir = format!("--user-data-dir={}", profile.path().display());
        let mut arguments = vec![
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            &size,
            &profile_dir,
        ];
        if scheme == "dark" {
            arguments.push("--force-dark-mode");
        }
        let options = json!({
            "args": arguments,
            "prefs": {"intl.accept_languages": lang},
            "mobileEmulation": {"deviceMetrics": {"width": width, "height": height, "pixelRatio": 1.0, "touch": true}},
        });
        let mut capabilities = serde_json::Map::new();
        capabilities.insert("goog:chromeOptions".to_owned(), options);
        capabilities.insert("goog:loggingPrefs".to_owned(), json!({"browser": "ALL"}));
        capabilities.insert("acceptInsecureCerts".to_owned(), json!(true));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let address = format!("http://127.0.0.1:{}", port.expect("chromedriver says its port"));
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let client = runtime.block_on(builder.capabilities(capabilities).connect(&address)).unwrap();
        Some(Self { runtime, client, driver, _profile: profile })
    }

    pub fn goto(&self, link: &str) {
        self.runtime.block_on(self.client.goto(link)).unwrap();
    }

    pub fn reload(&self) {
        self.runtime.block_on(self.client.refresh()).unwrap();
    }

    pub fn back(&self) {
        self.runtime.block_on(self.client.back()).unwrap();
    }

    /// Runs a script and returns what it returns.
    pub fn script(&self, script: &str) -> Value {
        self.runtime.block_on(self.client.execute(script, Vec::new())).unwrap()
    }

    /// Runs a script that calls its last argument when it is done.
    pub fn script_to_end(&self, script: &str) -> Value {
        self.runtime.block_on(self.client.execute_async(script, Vec::new())).unwrap()
    }

    /// Waits for something that is shown.
    pub fn find(&self, css: &str) -> Element {
        let found = self.runtime.block_on(async {
            let element = self.client.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await?;
            let begun = tokio::time::Instant::now();
            while !element.is_displayed().await.unwrap_or(false) && begun.elapsed() < PATIENCE {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Ok::<_, fantoccini::error::CmdError>(element)
        });
        found.unwrap_or_else(|error| panic!("{css} is not shown: {error}\n{}", self.text()))
    }

    /// Clicks something as soon as it is there and stands still.
    pub fn click(&self, css: &str) {
        let mut result = Ok(());
        for _ in 0..10 {
            let element = self.find(css);
            result = self.runtime.block_on(element.click());
            if result.is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("{css} cannot be clicked: {result:?}");
    }

    /// Types into a field, in place of what is in it.
    pub fn fill(&self, css: &str, text: &str) {
        let element = self.find(css);
        self.runtime.block_on(async {
            element.clear().await.unwrap();
            element.send_keys(text).await.unwrap();
        });
    }

    /// Presses a key of the keyboard, wherever the focus is.
    pub fn press(&self, key: char) {
        let down_and_up = KeyActions::new("keyboard".to_owned())
            .then(KeyAction::Down { value: key })
            .then(KeyAction::Up { value: key });
        self.runtime.block_on(self.client.perform_actions(down_and_up)).unwrap();
    }

    /// All that can be read.
    pub fn text(&self) -> String {
        self.script("return document.body.innerText").as_str().unwrap_or_default().to_owned()
    }

    /// Waits until something can be read.
    pub fn wait_for_text(&self, text: &str) {
        let is_read = || self.text().contains(text);
        crate::support::wait_until(20, || format!("{text:?} in {:?}", self.text()), is_read);
    }

    /// How many elements there are.
    pub fn count(&self, css: &str) -> u64 {
        let css = Value::from(css);
        self.script(&format!("return document.querySelectorAll({css}).length")).as_u64().unwrap()
    }

    /// What the browser complained about since the last call.
    pub fn complaints(&self) -> Vec<String> {
        let errors = self.script("return window.complaints || []");
        errors.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    }

    /// Keeps a picture of the window as output of the tests.
    pub fn keep_picture(&self, name: &str) -> PathBuf {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("screenshots");
        fs::create_dir_all(&dir).unwrap();
        let path = dir.join(format!("{name}.png"));
        fs::write(&path, self.runtime.block_on(self.client.screenshot()).unwrap()).unwrap();
        path
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.runtime.block_on(self.client.clone().close());
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
