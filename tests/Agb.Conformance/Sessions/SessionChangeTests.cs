namespace Agb.Conformance.Sessions;

/// <summary>Tests of changes to a running session.</summary>
[RunsOn(Services.Overlay | Services.Server, Long = Services.Copy)]
public sealed class SessionChangeTests : ServiceTest
{
    [Fact]
    public async Task Labels_are_replaced_as_a_whole()
    {
        var run = UniqueName();
        var session = await StartAsync(new AgbSessionRequest { Labels = Labels(("run", run), ("old", "1")) });
        var changed = await Service.SetSessionLabelsAsync(session, Labels(("run", run), ("new", "2")), Token);
        changed.Labels.OrderBy(l => l.Key).ShouldBe([new("new", "2"), new("run", run)]);
        (await Service.GetSessionAsync(session, Token)).Labels.OrderBy(l => l.Key).ShouldBe(changed.Labels.OrderBy(l => l.Key));
        (await Service.ListSessionsAsync(Labels(("run", run), ("old", "1")), Token).ToListAsync(Token)).ShouldBeEmpty();
        (await Service.ListSessionsAsync(Labels(("run", run), ("new", "2")), Token).ToListAsync(Token))
            .ShouldHaveSingleItem().SessionId.ShouldBe(session.SessionId);
    }

    [Fact]
    public async Task No_labels_remove_all()
    {
        var session = await StartAsync(new AgbSessionRequest { Labels = Labels(("a", "1")) });
        (await Service.SetSessionLabelsAsync(session, Labels(), Token)).Labels.ShouldBeEmpty();
    }

    [Fact]
    public async Task Bad_labels_change_nothing()
    {
        var session = await StartAsync(new AgbSessionRequest { Labels = Labels(("a", "1")) });
        await RefusesAsync(
            AgbErrorIds.InvalidLabel, () => Service.SetSessionLabelsAsync(session, Labels(("", "x")), Token));
        (await Service.GetSessionAsync(session, Token)).Labels.ShouldHaveSingleItem().ShouldBe(new("a", "1"));
    }

    [Fact]
    public async Task Keeping_a_session_alive_returns_it()
    {
        var session = await StartAsync(new AgbSessionRequest { IdleTimeout = TimeSpan.FromHours(1) });
        var kept = await Service.KeepSessionAliveAsync(session, Token);
        (kept.SessionId, kept.Status, kept.IdleTimeout).ShouldBe((session.SessionId, AgbSessionStatus.Running, TimeSpan.FromHours(1)));
    }

    [Fact]
    public async Task A_session_that_is_gone_can_not_be_changed()
    {
        var session = await StartAsync();
        await ReleaseAsync(session);
        foreach (var id in (string[])[session.SessionId, "s-does-not-exist"])
        {
            await FailsAsync(AgbErrorIds.SessionNotFound, () => Service.SetSessionLabelsAsync(new SessionId(id), Labels(), Token));
            await FailsAsync(AgbErrorIds.SessionNotFound, () => Service.KeepSessionAliveAsync(new SessionId(id), Token));
            await FailsAsync(AgbErrorIds.SessionNotFound, () => Service.GetSessionLinkAsync(new SessionId(id), 30100, null, Token));
        }
    }

    private static Dictionary<string, string> Labels(params (string Key, string Value)[] labels) =>
        labels.ToDictionary(l => l.Key, l => l.Value);
}
