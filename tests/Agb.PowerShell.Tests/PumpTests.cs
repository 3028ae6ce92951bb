using System.Management.Automation;

namespace Agb.PowerShell.Tests;

/// <summary>Work off the pipeline thread: several sessions at once, stops, and failures.</summary>
public sealed class PumpTests : CmdletTest
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);
    private readonly AgbSession[] _sessions;

    public PumpTests(ModuleRunspace module)
        : base(module)
    {
        _sessions = [.. Run("1..8 | ForEach-Object { New-AgbSession -Connection $connection }").Select(s => (AgbSession)s.BaseObject)];
        Set("sessions", _sessions);
    }

    private CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void A_command_runs_in_each_session()
    {
        var results = Run("$sessions | Invoke-AgbCommand 'echo hello'").Select(r => (AgbCommandResult)r.BaseObject);

        results.Select(r => r.SessionId).Order().ShouldBe(_sessions.Select(s => s.SessionId));
    }

    [Fact]
    public async Task As_many_commands_run_at_once_as_the_throttle_limit()
    {
        using var run = new Pipeline("$sessions | Invoke-AgbCommand gate -ThrottleLimit 3", ("sessions", _sessions));
        await StartedAsync(3);
        (await Service.Started.WaitAsync(50, Token)).ShouldBeFalse();

        Service.Gate.Release(8);

        (await run.EndAsync()).Length.ShouldBe(8);
        Service.MostCommandsAtOnce.ShouldBe(3);
    }

    [Fact]
    public void A_session_that_fails_is_reported_and_the_others_go_on()
    {
        Run("$sessions[3] | Remove-AgbSession");

        Run("$sessions | Invoke-AgbCommand 'echo hello' -ErrorVariable global:errors -ErrorAction SilentlyContinue").Length.ShouldBe(7);

        var record = One<ErrorRecord>("$errors");
        IdOf(record).ShouldBe(AgbErrorIds.SessionNotFound);
        record.TargetObject.ToString().ShouldBe(_sessions[3].SessionId);
    }

    [Fact]
    public async Task A_stop_of_the_pipeline_cancels_the_work_and_waits_for_it()
    {
        using var run = new Pipeline("$sessions | Invoke-AgbCommand hang", ("sessions", _sessions[0]));
        await StartedAsync(1);

        await run.StopAsync();

        Service.Cancelled.ShouldBe(1);
        run.State.ShouldBe(PSInvocationState.Stopped);
        run.Streams.Error.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_stop_that_the_work_ignores_ends_the_pipeline()
    {
        using var run = new Pipeline("$sessions | Invoke-AgbCommand stubborn", ("sessions", _sessions[0]));
        await StartedAsync(1);

        await run.StopAsync();

        Service.Gate.Release();
    }

    [Fact]
    public async Task The_rest_is_cancelled_when_a_later_command_needs_no_more()
    {
        using var run = new Pipeline("$sessions | Invoke-AgbCommand gate | Select-Object -First 1", ("sessions", _sessions[..2]));
        await StartedAsync(2);

        Service.Gate.Release();

        (await run.EndAsync()).Length.ShouldBe(1);
        Service.Cancelled.ShouldBe(1);
    }

    [Fact]
    public async Task The_work_is_cancelled_when_another_command_of_the_pipeline_fails()
    {
        using var run = new Pipeline(
            "$sessions | ForEach-Object { $_; if ($i++) { $null = $service.Started.Wait(10000); throw 'enough' } } | Invoke-AgbCommand hang",
            ("sessions", _sessions[..2]), ("i", 0), ("service", Service));

        (await Should.ThrowAsync<RuntimeException>(run.EndAsync)).Message.ShouldContain("enough");
        Service.Cancelled.ShouldBe(2);
    }

    [Fact]
    public async Task A_first_error_that_stops_ends_all_sessions()
    {
        using var run = new Pipeline(
            "$PSDefaultParameterValues['*-Agb*:Connection'] = $connection; $sessions | Invoke-AgbCommand hang -ErrorAction Stop",
            ("sessions", new object[] { _sessions[0], "session-none" }), ("connection", new AgbConnection(Service)));

        (await Should.ThrowAsync<RuntimeException>(run.EndAsync)).Message.ShouldContain("session-none");
        Service.Cancelled.ShouldBeLessThanOrEqualTo(1);
    }

    [Fact]
    public void Verbose_output_names_the_service_and_the_time_of_a_call()
    {
        var said = Run("$sessions[0] | Invoke-AgbCommand 'echo hello' -Verbose 4>&1").Select(o => o.BaseObject).OfType<VerboseRecord>()
            // The engine of another test may have warned.
            .Where(v => !v.Message.StartsWith("embedded: event"));

        said.ShouldHaveSingleItem().Message.ShouldMatch($"^memory: run command in session '{_sessions[0].SessionId}' took [0-9.]+ ms$");
    }

    private async Task StartedAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            (await Service.Started.WaitAsync(s_limit, Token)).ShouldBeTrue();
        }
    }
}
