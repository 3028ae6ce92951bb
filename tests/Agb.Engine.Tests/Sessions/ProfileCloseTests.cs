using System.Diagnostics;
using Agb.Engine.Tests.Conformance;

namespace Agb.Engine.Tests.Sessions;

/// <summary>Programs that use the browser's profile and were not started by the engine, such as an app of a desktop: they get the chance to
/// store their changes before the upload.</summary>
public sealed class ProfileCloseTests : EngineTest
{
    // The arguments are those of a browser's first process; the program notes how it was ended.
    private const string Browser =
        """
        command -v perl >/dev/null || exit 77
        cat >/tmp/browser.pl <<'E'
        sub note { open my $f, ">", "/tmp/agb_browser_data/$_[0]"; print $f "$_[1]\n"; close $f }
        $SIG{INT} = sub { note("end", "closed"); exit }; note("state", "ready"); sleep 1 while 1;
        E
        setsid perl /tmp/browser.pl --user-data-dir=/tmp/agb_browser_data </dev/null >/dev/null 2>&1 &
        until [ -s /tmp/agb_browser_data/state ]; do sleep 0.02; done
        """;

    [Fact]
    public async Task They_are_closed_before_a_releases_upload()
    {
        var service = Open();
        var context = await service.CreateContextAsync("profile", cancellationToken: Token);
        var session = await CreateAsync(service, context);
        await ShellAsync(service, session, Browser);

        await service.RemoveSessionAsync(session, cancellationToken: Token);

        (await AskAsync(service, context, AgbBrowserRequest.ProfileDirectory, "cat state end")).ShouldBe("ready\nclosed");
    }

    [Fact]
    public async Task They_are_not_waited_for_when_the_changes_are_discarded()
    {
        var service = Open();
        var context = await service.CreateContextAsync("profile", cancellationToken: Token);
        var session = await CreateAsync(service, context);
        await ShellAsync(service, session, Browser);

        await service.RemoveSessionAsync(session, AgbReleaseMode.Discard, Token);

        (await AskAsync(service, context, AgbBrowserRequest.ProfileDirectory, "ls -A")).ShouldBe("");
    }

    [Fact]
    public async Task Many_that_do_not_end_hold_a_release_no_longer_than_one()
    {
        const int Count = 4;
        var service = Open();
        var context = await service.CreateContextAsync("profile", cancellationToken: Token);
        var session = await CreateAsync(service, context);
        await ShellAsync(
            service, session,
            $"for i in $(seq {Count}); do setsid perl -e '$SIG{{INT}} = \"IGNORE\"; open my $f, \">\", \"/tmp/$$\"; sleep 1 while 1' -- "
                + $"--user-data-dir={AgbBrowserRequest.ProfileDirectory} </dev/null >/dev/null 2>&1 & done; until [ $(ls /tmp | grep -c '^[0-9]') = {Count} ]; do sleep 0.02; done");
        var started = Stopwatch.GetTimestamp();

        await service.RemoveSessionAsync(session, cancellationToken: Token);

        // Each of them for itself would be waited for 10 s.
        Stopwatch.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(25));
    }

    private static Task<AgbSession> CreateAsync(IAgbService service, AgbContext context) => service.CreateSessionAsync(
        new AgbSessionRequest { ContextSyncs = [new AgbContextSync { ContextId = context.Id, Path = AgbBrowserRequest.ProfileDirectory }] }, Token);
}
