//! Moments and spans as people write and read them.

use std::time::Duration;

use chrono::DateTime;
use clap::Args;
use session_runtime::{Clock, SystemClock, Timestamp, limits};

/// The moment that a command judges by.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct At {
    /// Judges by this moment in place of now: `2030-01-01T00:00:00Z`, or seconds since 1970
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(crate) at: Option<Timestamp>,
}

impl At {
    pub(crate) fn now(self) -> Timestamp {
        self.wall()
    }
}

/// The time of day that was asked for, and the machine's own measure of how old knowledge is.
impl Clock for At {
    fn wall(&self) -> Timestamp {
        self.at.unwrap_or_else(|| SystemClock.wall())
    }

    fn boot(&self) -> Duration {
        SystemClock.boot()
    }
}

/// RFC 3339, or whole seconds since 1970.
pub(crate) fn moment(text: &str) -> Result<Timestamp, String> {
    if let Ok(seconds) = text.parse() {
        return Ok(Timestamp::from_unix(seconds));
    }
    rfc3339(text).ok_or_else(|| "neither a time, as 2030-01-01T00:00:00Z, nor seconds since 1970".to_owned())
}

pub(crate) fn rfc3339(text: &str) -> Option<Timestamp> {
    let text = (text.len() <= limits::DATE_TEXT).then_some(text)?;
    DateTime::parse_from_rfc3339(text).ok().map(|date| Timestamp::from_unix(date.timestamp()))
}

/// `90s`, `15m`, `12h` or `30d`, as in the attributes of a claims type.
pub(crate) fn span(text: &str) -> Result<Duration, String> {
    let unit = |letter| match letter {
        's' => Some(1),
        'm' => Some(60),
        'h' => Some(3_600),
        'd' => Some(86_400),
        _ => None,
    };
    let mut rest = text.chars();
    let seconds = rest.next_back().and_then(unit).and_then(|unit: u64| rest.as_str().parse::<u64>().ok()?.checked_mul(unit));
    seconds.map(Duration::from_secs).ok_or_else(|| "a time is a number and a unit, as 90s, 15m, 12h or 30d".to_owned())
}

/// A span in its largest unit that says enough: `3 minutes`.
pub(crate) fn length(span: Duration) -> String {
    const UNITS: [(u64, u64, &str); 6] = [
        (2 * 365 * 86_400, 365 * 86_400, "year"),
        (60 * 86_400, 30 * 86_400, "month"),
        (2 * 86_400, 86_400, "day"),
        (2 * 3_600, 3_600, "hour"),
        (60, 60, "minute"),
        (0, 1, "second"),
    ];
    let seconds = span.as_secs();
    let unit = UNITS.iter().find(|(from, _, _)| seconds >= *from);
    let (count, name) = unit.map_or((seconds, "second"), |(_, unit, name)| (seconds.checked_div(*unit).unwrap_or(seconds), *name));
    format!("{count} {name}{}", if count == 1 { "" } else { "s" })
}

/// Where a moment lies as seen from now: `3 minutes ago`, `in 2 hours`, `now`.
pub(crate) fn relative(moment: Timestamp, now: Timestamp) -> String {
    match moment.cmp(&now) {
        std::cmp::Ordering::Less => format!("{} ago", length(now.saturating_since(moment))),
        std::cmp::Ordering::Equal => "now".to_owned(),
        std::cmp::Ordering::Greater => format!("in {}", length(moment.saturating_since(now))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_and_said() {
        assert_eq!(span("15m"), Ok(Duration::from_secs(900)));
        assert!(["", "m", "15", "15 m", "-1s", "1.5h", "15é"].iter().all(|text| span(text).is_err()));
        for (seconds, want) in [
            (0, "0 seconds"),
            (1, "1 second"),
            (59, "59 seconds"),
            (60, "1 minute"),
            (7_199, "119 minutes"),
            (7_200, "2 hours"),
            (172_799, "47 hours"),
            (172_800, "2 days"),
            (9 * 365 * 86_400, "9 years"),
        ] {
            assert_eq!(length(Duration::from_secs(seconds)), want);
        }
        let at = Timestamp::from_unix;
        assert_eq!([relative(at(0), at(180)), relative(at(180), at(0)), relative(at(5), at(5))], ["3 minutes ago", "in 3 minutes", "now"]);
    }

    #[test]
    fn moments_are_read() {
        let noon = Timestamp::from_unix(1_893_499_200);
        assert_eq!(
            [moment("2030-01-01T12:00:00Z"), moment("1893499200"), moment("2030-01-01T13:00:00+01:00")],
            [Ok(noon), Ok(noon), Ok(noon)]
        );
        assert!(moment("yesterday").is_err());
    }
}
