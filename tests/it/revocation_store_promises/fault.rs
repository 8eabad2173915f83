//! The defects that a log of revocations may have, each of which breaks a promise.

/// How a log is broken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Fault {
    None,
    /// Gives a position when it begins to write, and reads by it: an entry appears below what was complete.
    PositionsBeforeTheyAreSeen,
    /// Of two appends at once the second is answered and not kept, as by whoever reads all, adds one and writes all.
    LosesTheSecond,
    /// Takes entries away at their last moment.
    PrunesTooEarly,
    /// Takes a revocation of a known target for its new end.
    Shortens,
    /// Leaves a target where it is when it is revoked again.
    StaysWhereItWas,
    /// Goes on above the highest entry that is left, as a key without AUTOINCREMENT does.
    GivesPositionsAgain,
    /// Reads after the cursor, and one entry more.
    SkipsOne,
    /// Says the end of the log with every page.
    CompleteBeyondThePage,
    /// Ends after the first page.
    OnePageOnly,
    /// Joins issuer and name for its key.
    JoinsIssuerAndName,
    /// Ends texts where C ends them.
    EndsAtNul,
    /// Keeps entries by the horizon that a new log has.
    IgnoresTheHorizon,
    /// Keeps the horizon that was said last.
    HorizonOfTheLast,
    /// Is left locked by whoever goes away.
    StaysLocked,
    /// A derived `Debug` over the wrong thing.
    ShowsNames,
    /// Begins itself again, without a word.
    NeverTellsLost,
    /// Every caller begins a life.
    EveryoneBegins,
    /// Begins where its clock says, whatever was known.
    BeginsTooLow,
    /// Keeps the horizon of a new log, whatever was known.
    ForgetsTheHorizon,
    /// Has no room for what an entry covers.
    RestoresAtTheNewPosition,
    /// Writes what was told last.
    RestoresTheLast,
    /// Takes back no entry that is there already.
    RestoresOnce,
    /// Puts what is restored where it was, and readers are past that.
    RestoresBehindReaders,
    /// Takes digests for names.
    DigestsAreNames,
}
