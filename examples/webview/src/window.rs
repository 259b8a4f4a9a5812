//! The window: it shows Plaid Link, watches where that wants to go, and shows how it ended.

use ratio_bank::plaid::Navigation;
use ratio_bank::{Error, LinkToken, Polling, Session};
use ratio_sandbox::Sandbox;
use tao::dpi::LogicalSize;
use tao::event::{Event, WindowEvent};
use tao::event_loop::{ControlFlow, EventLoop, EventLoopBuilder};
use tao::window::{Window, WindowBuilder};
use tokio::runtime::Runtime;
use wry::{NewWindowResponse, WebView, WebViewBuilder};

use crate::REDIRECT_URI;
use crate::ending::Ending;
use crate::seen::Seen;

/// What the window hears of.
enum Heard {
    /// From the webview.
    Seen(Seen),
    /// From Ratio.
    Bank(Result<ratio_bank::types::BankAccount, Error>),
}

/// Runs until the window is closed. The sandbox lives as long.
pub(crate) fn run(
    runtime: Runtime,
    sandbox: Sandbox,
    session: Session,
    link: LinkToken,
) -> Result<(), Box<dyn std::error::Error>> {
    let events: EventLoop<Heard> = EventLoopBuilder::with_user_event().build();
    let window = WindowBuilder::new()
        .with_title("Link a bank")
        .with_inner_size(LogicalSize::new(460.0, 780.0))
        .build(&events)?;
    let seen = events.create_proxy();
    let builder = WebViewBuilder::new()
        .with_url(link.webview_url().reveal())
        // Nothing of the person's visit stays on the machine.
        .with_incognito(true)
        .with_navigation_handler(move |address| match Seen::read(&address, REDIRECT_URI) {
            None => true,
            Some(it) => {
                // An error means that the window is closing.
                let _ = seen.send_event(Heard::Seen(it));
                false
            }
        })
        // Plaid Link may offer to open a page of the bank's; that belongs into the person's browser, not in here.
        .with_new_window_req_handler(|_, _| NewWindowResponse::Deny);
    let webview = build(builder, &window)?;

    let bank = events.create_proxy();
    let mut over = false;
    events.run(move |event, _, flow| {
        // Kept for as long as the window is open.
        let _ = (&window, &sandbox);
        *flow = ControlFlow::Wait;
        match event {
            Event::WindowEvent {
                event: WindowEvent::CloseRequested,
                ..
            } => *flow = ControlFlow::Exit,
            Event::UserEvent(Heard::Seen(Seen::Plaid(navigation))) => match *navigation {
                Navigation::Event(event) => println!("event      {}", event.name.as_str()),
                // Plaid Link may say more after the end; the first word counts.
                _ if over => {}
                Navigation::Connected(success) => {
                    over = true;
                    println!("connected  {}", success.accounts.len());
                    show(&webview, &Ending::not_yet());
                    let (session, link, bank) = (session.clone(), link.clone(), bank.clone());
                    runtime.spawn(async move {
                        let linked = finish(&session, &link, success).await;
                        let _ = bank.send_event(Heard::Bank(linked));
                    });
                }
                Navigation::Exit(exit) => {
                    over = true;
                    println!("exit");
                    show(&webview, &Ending::of_exit(&exit));
                }
                _ => {}
            },
            Event::UserEvent(Heard::Seen(Seen::Returned(address))) => {
                println!("returned from the bank's own page");
                match link.resume_url(&address) {
                    Ok(url) => load(webview.load_url(url.reveal())),
                    Err(error) => eprintln!("the way back from the bank is broken: {error}"),
                }
            }
            Event::UserEvent(Heard::Bank(outcome)) => {
                let ending = Ending::of_bank(outcome);
                println!("{}", ending.heading);
                show(&webview, &ending);
            }
            _ => {}
        }
    })
}

/// Activates the link and waits until the bank can be paid from.
async fn finish(
    session: &Session,
    link: &LinkToken,
    success: ratio_bank::plaid::LinkSuccess,
) -> Result<ratio_bank::types::BankAccount, Error> {
    let bank = session.finish_bank_link(link.record(), success).await?;
    match bank.id.clone() {
        Some(id) => session.wait_for_bank(&id, Polling::default()).await,
        None => Ok(bank),
    }
}

fn show(webview: &WebView, ending: &Ending) {
    load(webview.load_html(&ending.html()));
}

fn load(outcome: wry::Result<()>) {
    if let Err(error) = outcome {
        eprintln!("the window could not show the next page: {error}");
    }
}

#[cfg(target_os = "linux")]
fn build(builder: WebViewBuilder<'_>, window: &Window) -> Result<WebView, Box<dyn std::error::Error>> {
    use tao::platform::unix::WindowExtUnix as _;
    use wry::WebViewBuilderExtUnix as _;

    let within = window
        .default_vbox()
        .ok_or("the window has no room for a webview")?;
    Ok(builder.build_gtk(within)?)
}

#[cfg(not(target_os = "linux"))]
fn build(builder: WebViewBuilder<'_>, window: &Window) -> Result<WebView, Box<dyn std::error::Error>> {
    Ok(builder.build(window)?)
}
