using Agb.Engine.Tests.Conformance;
using Agb.Conformance;

namespace Agb.Engine.Tests.Sessions;

/// <summary>A session of which no client was told ends when the process that made it has died.</summary>
public sealed class UntoldSessionTests : EngineTest
{
    [Fact]
    public async Task It_lives_as_long_as_its_maker_and_for_good_once_it_is_claimed()
    {
        using var maker = EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = Home.Path, HoldUntilClaimed = true });
        var other = Open();
        var told = await maker.CreateSessionAsync(new AgbSessionRequest(), Token);
        var untold = await maker.CreateSessionAsync(new AgbSessionRequest(), Token);
        maker.ClaimSession(told);
        maker.ClaimSession(new SessionId("no such session"));
        await StatusAsync(other, told, untold);

        // What a dead process leaves: the file without its lock.
        LetGo(maker, untold);
        (await other.GetSessionAsync(untold, Token)).Status.ShouldBe(AgbSessionStatus.Releasing);
        await other.SettleAsync();
        (await other.ListSessionsAsync(cancellationToken: Token).ToArrayAsync(Token)).Select(s => s.SessionId).ShouldBe([told.SessionId]);
        await FailsAsync(AgbErrorIds.SessionNotFound, () => other.GetSessionAsync(untold, Token));
        await StatusAsync(other, told);
    }

    [Fact]
    public async Task Services_that_tell_at_once_leave_no_note()
    {
        var service = Open();
        var session = await service.CreateSessionAsync(new AgbSessionRequest(), Token);
        File.Exists(Note(session)).ShouldBeFalse();
    }

    private static async Task StatusAsync(EmbeddedService service, params AgbSession[] sessions)
    {
        foreach (var session in sessions)
        {
            (await service.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Running);
        }
    }

    private void LetGo(EmbeddedService maker, AgbSession session)
    {
        FileLock.IsFree(Note(session)).ShouldBeFalse();
        // A claim removes the note and the lock; another note takes its place.
        maker.ClaimSession(session);
        File.Exists(Note(session)).ShouldBeFalse();
        File.WriteAllText(Note(session), "");
    }

    private string Note(AgbSession session) => InHome($"sessions/{session.SessionId}/untold");
}
