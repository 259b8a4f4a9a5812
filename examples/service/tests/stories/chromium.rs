//! A headless Chromium that does what a person does: looks for words on the page, clicks, types.
//!
//! Debian's `chromium-headless-shell` reports each navigation to `plaidlink://` as the event
//! `Page.frameRequestedNavigation` and leaves the page where it is, which is what a webview host sees.
//! (The full browser's headless mode shows one such event, then waits behind an invisible dialog.)

use std::env;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chromiumoxide::cdp::browser_protocol::emulation::{
    MediaFeature, SetDeviceMetricsOverrideParams, SetEmulatedMediaParams,
};
use chromiumoxide::cdp::browser_protocol::fetch::{
    ContinueRequestParams, EnableParams, EventRequestPaused, RequestPattern,
};
use chromiumoxide::cdp::browser_protocol::input::{
    DispatchKeyEventParams, DispatchKeyEventType, InsertTextParams,
};
use chromiumoxide::cdp::browser_protocol::network::{EventRequestWillBeSent, ResourceType};
use chromiumoxide::cdp::browser_protocol::page::EventFrameRequestedNavigation;
use chromiumoxide::cdp::js_protocol::runtime::{EvaluateParams, ExecutionContextId};
use chromiumoxide::layout::Point;
use chromiumoxide::page::ScreenshotParams;
use chromiumoxide::{Browser, BrowserConfig, Page};
use futures_util::future::ready;
use futures_util::{StreamExt as _, stream};
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::{Instant, interval, timeout_at};

use crate::npm;

/// Longer than anything here takes on a loaded machine; reached only when a test fails.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

const PHONE: i64 = 390;
const TABLET: i64 = 768;
const DESKTOP: i64 = 1280;

/// A browser of one test's own: fresh profile, stopped with it.
pub(crate) struct Chromium {
    browser: Browser,
    listening: JoinHandle<()>,
    // Removed after the browser is gone.
    _profile: tempfile::TempDir,
}

impl Chromium {
    /// Starts one; `None` when there is none on this machine, which is an error where CI runs.
    pub(crate) async fn start() -> Option<Self> {
        let Some(executable) = find() else {
            assert!(
                env::var_os("CI").is_none(),
                "no chromium-headless-shell here, and CI is to drive one"
            );
            eprintln!(
                "skipped: no chromium-headless-shell on this machine (Debian: apt-get install chromium-headless-shell)"
            );
            return None;
        };
        let profile = tempfile::tempdir().unwrap();
        let config = BrowserConfig::builder()
            .chrome_executable(executable)
            .user_data_dir(profile.path())
            .no_sandbox()
            .viewport(None)
            .launch_timeout(PATIENCE)
            .args([
                "disable-gpu",
                "disable-quic",
                "no-first-run",
                "disable-background-networking",
                "disable-component-update",
                "disable-sync",
                // A name that is neither https nor this machine's own, for which browsers send less.
                "host-resolver-rules=MAP shop.test 127.0.0.1",
            ])
            .build()
            .unwrap();
        let (browser, mut handler) = Browser::launch(config).await.expect("the browser starts");
        let listening = tokio::spawn(async move { while handler.next().await.is_some() {} });
        Some(Self {
            browser,
            listening,
            _profile: profile,
        })
    }

    /// Opens a tab the size of a phone.
    pub(crate) async fn tab(&self, story: &'static str) -> Tab {
        let page = self.browser.new_page("about:blank").await.unwrap();
        let (send, navigations) = unbounded_channel();
        // What a page asks for, whether it is followed or not; and where a redirect leads.
        let asked_for = page
            .event_listener::<EventFrameRequestedNavigation>()
            .await
            .unwrap();
        let requests = page.event_listener::<EventRequestWillBeSent>().await.unwrap();
        let documents = requests.filter_map(|event| async move {
            (event.r#type == Some(ResourceType::Document) && event.request.url.starts_with("http"))
                .then(|| event.request.url.clone())
        });
        let mut addresses = stream::select(asked_for.map(|event| event.url.clone()), documents.boxed());
        tokio::spawn(async move {
            while let Some(url) = addresses.next().await {
                if send.send(url).is_err() {
                    break;
                }
            }
        });
        let tab = Tab {
            page,
            navigations,
            story,
            shots: 0,
        };
        tab.look(PHONE, false).await;
        tab
    }

    /// Stops it and waits until it is gone.
    pub(crate) async fn stop(mut self) {
        let _ = self.browser.close().await;
        let _ = self.browser.wait().await;
        self.listening.abort();
    }
}

fn find() -> Option<PathBuf> {
    if let Some(named) = env::var_os("CHROMIUM_HEADLESS_SHELL") {
        return Some(named.into());
    }
    let folders = env::var_os("PATH")?;
    env::split_paths(&folders)
        .flat_map(|folder| ["chromium-headless-shell", "chrome-headless-shell"].map(|name| folder.join(name)))
        .find(|path| path.is_file())
}

/// One tab, and where it was asked to go.
pub(crate) struct Tab {
    page: Page,
    navigations: UnboundedReceiver<String>,
    story: &'static str,
    shots: usize,
}

/// The page itself, or Plaid Link in a frame on it.
#[derive(Clone, Copy)]
pub(crate) enum Within {
    Page,
    PlaidLink,
}

impl Tab {
    /// Goes to an address and waits until the page before is gone.
    pub(crate) async fn goto(&self, url: &str) {
        // By script, not by `Page.navigate`: that waits for a quiet page, and Plaid Link may navigate to
        // its host while it loads.
        self.settled(
            Within::Page,
            &format!("(window.left = true, location.href = {url:?}, true)"),
        )
        .await;
        self.settled(Within::Page, "!window.left").await;
    }

    /// Where the next navigation goes, whether it is followed or not.
    pub(crate) async fn next_navigation(&mut self) -> String {
        timeout_at(Instant::now() + PATIENCE, self.navigations.recv())
            .await
            .expect("the page navigates somewhere")
            .expect("the tab is open")
    }

    /// Clicks what bears these words, once a person could.
    pub(crate) async fn click(&self, within: Within, words: &str) {
        let find = format!(
            "[...document.querySelectorAll('button, a, label, summary')].find((one) => one.checkVisibility() && !one.disabled \
             && (one.getAttribute('aria-label') ?? one.textContent).trim().startsWith({words:?}))"
        );
        let spot = self.shown(within, &center_of(&find)).await;
        self.page
            .click(Point::new(spot[0].as_f64().unwrap(), spot[1].as_f64().unwrap()))
            .await
            .unwrap();
    }

    /// Presses a key, as a person without a mouse does: `Tab`, `Enter`, or a space.
    pub(crate) async fn press(&self, key: &str) {
        let (code, number, text) = match key {
            "Tab" => ("Tab", 9, None),
            "Enter" => ("Enter", 13, Some("\r")),
            " " => ("Space", 32, Some(" ")),
            other => panic!("nobody presses {other:?} here"),
        };
        for kind in [DispatchKeyEventType::KeyDown, DispatchKeyEventType::KeyUp] {
            let mut event = DispatchKeyEventParams::builder()
                .r#type(kind.clone())
                .key(key)
                .code(code)
                .windows_virtual_key_code(number);
            if let (Some(text), DispatchKeyEventType::KeyDown) = (text, kind) {
                event = event.text(text);
            }
            self.page.execute(event.build().unwrap()).await.unwrap();
        }
    }

    /// Types where the keyboard is.
    pub(crate) async fn type_text(&self, text: &str) {
        self.page.execute(InsertTextParams::new(text)).await.unwrap();
    }

    /// Goes by Tab to what bears these words or this label. Whatever it comes by on the way can be seen, and shows that the
    /// keyboard is there.
    pub(crate) async fn tab_to(&self, within: Within, words: &str) {
        let here = "(() => {
            const one = document.activeElement;
            if (!one || one === document.body) return { name: '', seen: true, marked: true };
            const style = getComputedStyle(one);
            return {
                name: (one.getAttribute('aria-label') ?? one.labels?.[0]?.textContent ?? one.textContent).trim(),
                seen: one.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !one.closest('[inert]'),
                marked: style.outlineStyle !== 'none' || one.matches('iframe, h1'),
            };
        })()";
        let mut seen = Vec::new();
        for _ in 0..40 {
            self.press("Tab").await;
            let spot = self.shown(within, here).await;
            assert_eq!(spot["seen"], true, "Tab reaches what is hidden: {spot}");
            assert_eq!(
                spot["marked"], true,
                "nothing shows where the keyboard is: {spot}"
            );
            let name = spot["name"].as_str().unwrap().to_owned();
            if name.starts_with(words) {
                return;
            }
            seen.push(name);
        }
        panic!("Tab does not lead to {words:?}, but to {seen:?}");
    }

    /// Takes all that the page asks of one origin from another. The page does not notice.
    pub(crate) async fn reroute(&self, from: &'static str, to: &str) {
        let to = to.to_owned();
        self.intercept(&format!("{from}/*"), move |url| {
            ready(Some(url.replacen(from, &to, 1)))
        })
        .await;
    }

    /// Holds back what the page asks at addresses of this pattern until there are permits.
    pub(crate) async fn hold(&self, pattern: &str, until: &Arc<Semaphore>) {
        let until = Arc::clone(until);
        self.intercept(pattern, move |_| {
            let until = Arc::clone(&until);
            async move {
                until.acquire().await.unwrap().forget();
                None
            }
        })
        .await;
    }

    /// Lets what the page asks wait for `decide`, and go where that says.
    async fn intercept<F: Future<Output = Option<String>> + Send>(
        &self,
        pattern: &str,
        decide: impl Fn(String) -> F + Send + Sync + 'static,
    ) {
        let mut paused = self.page.event_listener::<EventRequestPaused>().await.unwrap();
        let pattern = RequestPattern::builder().url_pattern(pattern).build();
        let enable = EnableParams::builder().pattern(pattern).build();
        self.page.execute(enable).await.unwrap();
        let page = self.page.clone();
        tokio::spawn(async move {
            while let Some(event) = paused.next().await {
                let mut go_on = ContinueRequestParams::new(event.request_id.clone());
                go_on.url = decide(event.request.url.clone()).await;
                // A page that is gone needs no answer.
                let _ = page.execute(go_on).await;
            }
        });
    }

    /// Types into the field with this label.
    pub(crate) async fn fill(&self, within: Within, label: &str, text: &str) {
        let find = format!(
            "[...document.querySelectorAll('input')].find((one) => one.checkVisibility() \
             && [...(one.labels ?? [])].some((label) => label.textContent.trim() === {label:?}))"
        );
        let empty = format!(
            "(() => {{ const field = {find}; if (field) {{ field.focus(); field.select(); }} return field; }})()"
        );
        self.shown(within, &format!("{empty} && true")).await;
        self.page.execute(InsertTextParams::new(text)).await.unwrap();
    }

    /// Waits until the page shows these words.
    pub(crate) async fn see(&self, within: Within, words: &str) {
        self.shown(within, &format!("document.body?.innerText.includes({words:?})"))
            .await;
    }

    /// The whole page as the browser holds it, attributes included.
    pub(crate) async fn html(&self) -> String {
        self.settled(Within::Page, "document.documentElement?.outerHTML")
            .await
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// As [`settled`](Self::settled), once the page says that it has been painted.
    ///
    /// Until then the browser drops what a person does to it, for nobody clicks on what they cannot see; and before
    /// its style sheet is there, a page's buttons are not where they will be.
    async fn shown(&self, within: Within, expression: &str) -> serde_json::Value {
        let painted = "performance.getEntriesByName('first-contentful-paint').length > 0";
        self.settled(within, &format!("({painted} ? {expression} : null)"))
            .await
    }

    /// Waits until an expression is truthy on whatever page the tab is at by then, and gives its value.
    async fn settled(&self, within: Within, expression: &str) -> serde_json::Value {
        let promise = format!(
            "new Promise((resolve) => {{
                const changes = new MutationObserver(check);
                const paints = new PerformanceObserver(check);
                function check() {{
                    const value = {expression};
                    if (value) {{ changes.disconnect(); paints.disconnect(); resolve(value); }}
                }}
                changes.observe(document, {{ subtree: true, childList: true, attributes: true, characterData: true }});
                paints.observe({{ type: 'paint' }});
                check();
            }})"
        );
        let deadline = Instant::now() + PATIENCE;
        // A page that is left takes the promise with it; the next page is asked again.
        let mut again = interval(Duration::from_millis(20));
        loop {
            timeout_at(deadline, again.tick()).await.unwrap();
            let Some(context) = self.context(within).await else {
                assert!(Instant::now() < deadline, "Plaid Link does not show up");
                continue;
            };
            let ask = EvaluateParams::builder()
                .expression(promise.as_str())
                .context_id(context)
                .await_promise(true)
                .return_by_value(true)
                .build()
                .unwrap();
            match timeout_at(deadline, self.page.execute(ask)).await {
                Ok(Ok(answer)) if answer.exception_details.is_none() => {
                    if let Some(value) = answer.result.result.value {
                        return value;
                    }
                }
                Ok(_) => {}
                Err(elapsed) => panic!(
                    "waited in vain ({elapsed}) for {expression} on:\n{}",
                    self.whatever_is_there(within).await
                ),
            }
            assert!(Instant::now() < deadline, "no page answers");
        }
    }

    async fn context(&self, within: Within) -> Option<ExecutionContextId> {
        match within {
            Within::Page => self.page.execution_context().await.ok()?,
            Within::PlaidLink => self.plaid_link().await,
        }
    }

    async fn plaid_link(&self) -> Option<ExecutionContextId> {
        let main = self.page.mainframe().await.ok()?;
        for frame in self.page.frames().await.ok()? {
            let url = self
                .page
                .frame_url(frame.clone())
                .await
                .ok()
                .flatten()
                .unwrap_or_default();
            if Some(&frame) == main.as_ref() || !url.contains("/link/") {
                continue;
            }
            // A frame that is gone is still listed, without a context.
            if let Ok(Some(context)) = self.page.frame_execution_context(frame).await {
                return Some(context);
            }
        }
        None
    }

    async fn whatever_is_there(&self, within: Within) -> String {
        let Some(context) = self.context(within).await else {
            return "no page".to_owned();
        };
        let ask = EvaluateParams::builder()
            .expression("document.body.innerText")
            .context_id(context)
            .build()
            .unwrap();
        let answer = self
            .page
            .execute(ask)
            .await
            .ok()
            .and_then(|answer| answer.result.result.value);
        answer.map_or_else(
            || "a page that does not answer".to_owned(),
            |text| text.to_string(),
        )
    }

    /// Looks at this step of the story: the rules of axe hold on a desktop in light and on a phone in dark, and pictures are
    /// taken when `SCREENSHOTS` is set: `target/screenshots/<story>/<step>-<name>-<width>.png`.
    pub(crate) async fn shoot(&mut self, name: &str) {
        self.shots += 1;
        for (width, dark) in [(DESKTOP, false), (PHONE, true)] {
            self.look(width, dark).await;
            self.keeps_the_rules(name).await;
        }
        if env::var_os("SCREENSHOTS").is_some() {
            self.take_pictures(name).await;
        }
        self.look(PHONE, false).await;
    }

    /// Asks axe, where it is installed, what those who cannot see the page well would stumble over.
    async fn keeps_the_rules(&self, name: &str) {
        let Some(axe) = npm::file("axe-core/axe.min.js") else {
            return;
        };
        self.page.execute(EvaluateParams::new(axe)).await.unwrap();
        let ask = "axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations.map((one) => \
                   [one.id, one.help, ...one.nodes.map((node) => `${node.html}: ${node.failureSummary}`)].join('\\n')))";
        let ask = EvaluateParams::builder()
            .expression(ask)
            .await_promise(true)
            .return_by_value(true);
        let answer = self.page.execute(ask.build().unwrap()).await.unwrap();
        let found = answer.result.result.value.expect("axe answers");
        assert_eq!(found, serde_json::json!([]), "{} at {name}", self.story);
    }

    async fn take_pictures(&self, name: &str) {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .with_file_name("screenshots")
            .join(self.story);
        std::fs::create_dir_all(&folder).unwrap();
        for width in [DESKTOP, TABLET, PHONE] {
            for dark in [false, true] {
                self.look(width, dark).await;
                let shade = if dark { "-dark" } else { "" };
                let file = folder.join(format!("{:02}-{name}-{width}{shade}.png", self.shots));
                let picture = ScreenshotParams::builder().full_page(true).build();
                self.page.save_screenshot(picture, file).await.unwrap();
            }
        }
    }

    async fn look(&self, width: i64, dark: bool) {
        let height = if width == PHONE { 844 } else { 800 };
        self.page
            .execute(SetDeviceMetricsOverrideParams::new(width, height, 1.0, false))
            .await
            .unwrap();
        let scheme = MediaFeature::new("prefers-color-scheme", if dark { "dark" } else { "light" });
        self.page
            .execute(SetEmulatedMediaParams::builder().feature(scheme).build())
            .await
            .unwrap();
    }
}

/// Scrolls what an expression finds into view and gives the middle of it, if nothing lies in front.
fn center_of(find: &str) -> String {
    format!(
        "(() => {{
            const found = {find};
            if (!found) return null;
            found.scrollIntoView({{ block: 'center', behavior: 'instant' }});
            const box = found.getBoundingClientRect();
            const spot = [box.left + box.width / 2, box.top + box.height / 2];
            return found.contains(document.elementFromPoint(...spot)) ? spot : null;
        }})()"
    )
}
