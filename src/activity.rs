//! A user's activity, page by page: the purchases and their status.

use std::collections::HashSet;
use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::stream::{Stream, try_unfold};

use crate::error::{Error, ErrorKind};
use crate::generated::enums::ActivityStatus;
use crate::generated::{self, operations, types};
use crate::id::{ActivityId, WalletId};
use crate::session::Session;
use crate::told_item::{ToldItem, ToldItems};

/// Default maximum number of pages, more than a full listing needs.
const MOST_PAGES: u32 = 1000;
/// Maximum length of a page token. A longer one could not be sent in a URL.
const LONGEST_TOKEN: usize = 4096;

/// A filter for activity items. By default it selects all of them. Times are sent in RFC 3339.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use ratio_bank::{ActivityFilter, WalletId, enums::ActivityStatus};
///
/// let filter = ActivityFilter::new()
///     .since(UNIX_EPOCH + Duration::from_secs(1_669_766_400))
///     .wallet(&WalletId::new("4f9b2c1e")?)
///     .fiat_status(ActivityStatus::PENDING)
///     .page_size(50);
/// # Ok::<(), ratio_bank::InvalidId>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct ActivityFilter {
    since: Option<SystemTime>,
    until: Option<SystemTime>,
    wallet: Option<WalletId>,
    crypto_currency: Option<String>,
    crypto_status: Option<ActivityStatus>,
    fiat_status: Option<ActivityStatus>,
    page_size: Option<u32>,
    page_token: Option<String>,
    max_pages: u32,
}

impl ActivityFilter {
    /// Makes a filter that selects everything.
    pub fn new() -> Self {
        Self {
            since: None,
            until: None,
            wallet: None,
            crypto_currency: None,
            crypto_status: None,
            fiat_status: None,
            page_size: None,
            page_token: None,
            max_pages: MOST_PAGES,
        }
    }

    /// Selects items that were created at this time or later, by Ratio's clock.
    pub fn since(mut self, time: SystemTime) -> Self {
        self.since = Some(time);
        self
    }

    /// Selects items that were created at this time or earlier, by Ratio's clock.
    pub fn until(mut self, time: SystemTime) -> Self {
        self.until = Some(time);
        self
    }

    /// Selects items that this wallet received or sent.
    pub fn wallet(mut self, wallet: &WalletId) -> Self {
        self.wallet = Some(wallet.clone());
        self
    }

    /// Selects purchases of this currency, such as `ETH`.
    pub fn crypto_currency(mut self, currency: impl Into<String>) -> Self {
        self.crypto_currency = Some(currency.into());
        self
    }

    /// Selects items whose crypto part has this status.
    pub fn crypto_status(mut self, status: ActivityStatus) -> Self {
        self.crypto_status = Some(status);
        self
    }

    /// Selects items whose fiat part has this status.
    pub fn fiat_status(mut self, status: ActivityStatus) -> Self {
        self.fiat_status = Some(status);
        self
    }

    /// Sets the number of items per page. By default, Ratio chooses it. Ratio publishes no limits.
    pub fn page_size(mut self, items: u32) -> Self {
        self.page_size = Some(items);
        self
    }

    /// Starts at the page that this token of Ratio's names.
    pub fn page_token(mut self, token: impl Into<String>) -> Self {
        self.page_token = Some(token.into());
        self
    }

    /// Sets the maximum number of pages, by default 1000. More pages are an error of kind [`ErrorKind::PageLimit`].
    pub fn max_pages(mut self, pages: u32) -> Self {
        self.max_pages = pages;
        self
    }
}

impl Default for ActivityFilter {
    fn default() -> Self {
        Self::new()
    }
}

/// The search criteria are private to the person and the bank, so they do not print.
impl fmt::Debug for ActivityFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActivityFilter").finish_non_exhaustive()
    }
}

/// An iterator over the pages of a user's activity: with [`next_page`](Self::next_page), or as a stream.
#[must_use = "no page is read before it is requested"]
pub struct Activity {
    session: Session,
    filter: ActivityFilter,
    next: Next,
    read: u32,
    tokens: HashSet<String>,
}

/// The position of the next page.
enum Next {
    /// The page of this token, or the first page.
    Page(Option<String>),
    /// The last page token was invalid, for this reason.
    Astray(&'static str),
    End,
}

impl Activity {
    /// Reads the next page, or returns `None` after the last one. After an error, the next call reads the same page
    /// again.
    ///
    /// # Errors
    /// When Ratio refuses or cannot be reached, when there are more pages than [`ActivityFilter::max_pages`]
    /// ([`ErrorKind::PageLimit`]), or when a page token is repeated or too long ([`ErrorKind::Unreadable`]); see
    /// [`Error`].
    ///
    /// ```no_run
    /// # use ratio_bank::ActivityFilter;
    /// # async fn f(session: ratio_bank::Session) -> Result<(), ratio_bank::Error> {
    /// let mut activity = session.activity(ActivityFilter::new());
    /// while let Some(items) = activity.next_page().await? {
    ///     println!("{} items", items.len());
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn next_page(&mut self) -> Result<Option<Vec<types::ActivityItem>>, Error> {
        if self.is_over() {
            return Ok(None);
        }
        let token = self.token()?;
        let page: types::ActivityItems = self.session.list_activity(&self.filter, token, |_| None).await?;
        self.turn(page.next_page_token);
        Ok(Some(page.items))
    }

    /// Reads the next page like [`next_page`](Self::next_page), but accepts items that do not conform to the pin, as
    /// far as they can be read.
    pub(crate) async fn next_told_page(&mut self) -> Result<Option<Vec<ToldItem>>, Error> {
        if self.is_over() {
            return Ok(None);
        }
        let token = self.token()?;
        let read_loosely = |body: &[u8]| serde_json::from_slice(body).ok();
        let page: ToldItems = self
            .session
            .list_activity(&self.filter, token, read_loosely)
            .await?;
        self.turn(page.next_page_token);
        Ok(Some(page.items))
    }

    fn is_over(&self) -> bool {
        matches!(self.next, Next::End)
    }

    /// Returns the token of the page to read, or `None` for the first page.
    fn token(&self) -> Result<Option<&str>, Error> {
        let fail = |kind, reason| Err(Error::new(kind, reason).of(operations::LIST_ACTIVITY.name));
        let token = match &self.next {
            Next::End => None,
            Next::Astray(why) => return fail(ErrorKind::Unreadable, *why),
            Next::Page(token) => token.as_deref(),
        };
        if self.read >= self.filter.max_pages {
            let reason = "there are more pages than are read; ask for less, such as a shorter time";
            return fail(ErrorKind::PageLimit, reason);
        }
        Ok(token)
    }

    /// Moves on to the page after the one that was read.
    fn turn(&mut self, next: Option<String>) {
        self.read += 1;
        self.next = match next.filter(|token| !token.is_empty()) {
            None => Next::End,
            Some(token) if token.len() > LONGEST_TOKEN => {
                Next::Astray("Ratio named the next page by a token longer than any that can be sent")
            }
            Some(token) if !self.tokens.insert(token.clone()) => {
                Next::Astray("Ratio named a page as the next one that was read before")
            }
            Some(token) => Next::Page(Some(token)),
        };
    }

    /// Returns the pages as a stream, which ends after the first error.
    ///
    /// ```no_run
    /// # use futures_util::TryStreamExt as _;
    /// # use ratio_bank::ActivityFilter;
    /// # async fn f(session: ratio_bank::Session) -> Result<(), ratio_bank::Error> {
    /// let pages = session.activity(ActivityFilter::new()).into_pages();
    /// let items: Vec<_> = pages.try_concat().await?;
    /// # Ok(()) }
    /// ```
    pub fn into_pages(self) -> impl Stream<Item = Result<Vec<types::ActivityItem>, Error>> + Send + 'static {
        try_unfold(self, |mut activity| async move {
            let page = activity.next_page().await?;
            Ok(page.map(|page| (page, activity)))
        })
    }
}

impl fmt::Debug for Activity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Activity")
            .field("pages_read", &self.read)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// Lists the user's purchases and their status, page by page. No request is sent before the first page is
    /// requested.
    ///
    /// ```no_run
    /// # use std::time::SystemTime;
    /// # use ratio_bank::ActivityFilter;
    /// # async fn f(session: ratio_bank::Session, yesterday: SystemTime) -> Result<(), ratio_bank::Error> {
    /// let mut activity = session.activity(ActivityFilter::new().since(yesterday));
    /// let newest = activity.next_page().await?.unwrap_or_default();
    /// # Ok(()) }
    /// ```
    pub fn activity(&self, filter: ActivityFilter) -> Activity {
        Activity {
            session: self.clone(),
            next: Next::Page(filter.page_token.clone()),
            tokens: filter.page_token.iter().cloned().collect(),
            filter,
            read: 0,
        }
    }

    /// Reads one item that was created at `since` or later. Returns `None` if it is not found.
    ///
    /// The pin has no operation for a single item, so pages are read until the item is found. A later `since` means
    /// fewer pages.
    ///
    /// # Errors
    /// The errors of [`Activity::next_page`].
    ///
    /// ```no_run
    /// # use std::time::SystemTime;
    /// # use ratio_bank::ActivityId;
    /// # async fn f(session: ratio_bank::Session, id: ActivityId, ordered_at: SystemTime) -> Result<(), ratio_bank::Error> {
    /// let item = session.activity_item(&id, ordered_at).await?;
    /// let status = item.and_then(|item| item.fiat).and_then(|fiat| fiat.status);
    /// # Ok(()) }
    /// ```
    pub async fn activity_item(
        &self,
        id: &ActivityId,
        since: SystemTime,
    ) -> Result<Option<types::ActivityItem>, Error> {
        let mut activity = self.activity(ActivityFilter::new().since(since));
        while let Some(items) = activity.next_page().await? {
            if let Some(item) = items.into_iter().find(|item| item.id.as_ref() == Some(id)) {
                return Ok(Some(item));
            }
        }
        Ok(None)
    }

    async fn list_activity<P: From<types::ActivityItems>>(
        &self,
        filter: &ActivityFilter,
        token: Option<&str>,
        otherwise: impl FnOnce(&[u8]) -> Option<P>,
    ) -> Result<P, Error> {
        let user = self.user().in_path()?;
        let wallet = filter.wallet.as_ref().map(WalletId::in_path).transpose()?;
        let (since, until) = (filter.since.map(rfc3339), filter.until.map(rfc3339));
        let size = filter.page_size.map(|size| size.to_string());
        let (since, until, size) = (since.as_deref(), until.as_deref(), size.as_deref());
        let currency = filter.crypto_currency.as_deref();
        let crypto = filter.crypto_status.as_ref().map(ActivityStatus::as_str);
        let fiat = filter.fiat_status.as_ref().map(ActivityStatus::as_str);
        let method = |client: generated::Client| async move {
            client
                .list_activity(user, currency, crypto, fiat, since, size, token, until, wallet)
                .await
        };
        self.value_or(&operations::LIST_ACTIVITY, method, otherwise).await
    }
}

/// Formats a time as Ratio does. A time before 1970 or after the year 9999 becomes the nearest time in that range.
pub(crate) fn rfc3339(time: SystemTime) -> String {
    const LAST: Duration = Duration::from_secs(253_402_300_799);
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    humantime::format_rfc3339_millis(UNIX_EPOCH + since.min(LAST)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_whatever_it_is() {
        let time = UNIX_EPOCH + Duration::from_millis(1_669_766_400_007);
        assert_eq!(rfc3339(time), "2022-11-30T00:00:00.007Z");
        let early = UNIX_EPOCH.checked_sub(Duration::from_secs(1)).unwrap();
        assert_eq!(rfc3339(early), "1970-01-01T00:00:00.000Z");
        if let Some(late) = UNIX_EPOCH.checked_add(Duration::from_secs(1 << 60)) {
            assert_eq!(rfc3339(late), "9999-12-31T23:59:59.000Z");
        }
    }
}
