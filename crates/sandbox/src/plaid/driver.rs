//! Plays the person in Plaid Link without a browser.

use crate::plaid::{Institution, Persona};
use crate::shared::Shared;
use crate::world::links::{LinkRefusal, Login};

/// The person in front of Plaid Link, played by a test.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use ratio_sandbox::{LinkRefusal, Persona, Sandbox};
///
/// let sandbox = Sandbox::builder().start().await.unwrap();
/// let refused = sandbox.plaid().persona(Persona::Bad).complete("link-sandbox-of-someone-else");
/// assert_eq!(refused, Err(LinkRefusal::Unknown));
/// # }
/// ```
#[derive(Clone)]
pub struct Plaid {
    pub(crate) shared: std::sync::Arc<Shared>,
    pub(crate) persona: Persona,
    pub(crate) institution: Institution,
}

impl Plaid {
    /// Signs in as another persona than [`Persona::Good`].
    #[must_use]
    pub fn persona(mut self, persona: Persona) -> Self {
        self.persona = persona;
        self
    }

    /// Chooses another bank than [`Institution::Tartan`].
    #[must_use]
    pub fn institution(mut self, institution: Institution) -> Self {
        self.institution = institution;
        self
    }

    /// Completes Plaid Link successfully, and returns the public token.
    ///
    /// With a token for a repair (update mode), the bank works again. The public token then activates nothing.
    ///
    /// # Errors
    ///
    /// When the link token is unknown, expired, used before, or belongs to a bank that no longer exists.
    pub fn complete(&self, link_token: &str) -> Result<String, LinkRefusal> {
        let now = self.shared.clock.now();
        let mut world = self.shared.world();
        let login = Login {
            institution: self.institution,
            persona: self.persona,
        };
        world
            .connect(link_token, login, 0, now)
            .map(|connected| connected.public_token)
    }
}
