using System.Management.Automation;

namespace Agb.PowerShell.Tests;

/// <summary>Commands as jobs.</summary>
public sealed class CommandJobTests : CmdletTest
{
    private readonly string[] _ids;

    public CommandJobTests(ModuleRunspace module)
        : base(module)
    {
        UseConnection();
        Set("sessions", Run("1..4 | ForEach-Object { New-AgbSession }"));
        _ids = Texts("$sessions.SessionId");
    }

    [Fact]
    public void A_job_has_a_child_for_each_session()
    {
        var job = Start("$sessions | Invoke-AgbCommand 'echo hello' -AsJob");

        job.ChildJobs.Select(c => c.Location).ShouldBe(_ids);
        One<AgbCommandJob>("Get-Job -Id $job.Id").InstanceId.ShouldBe(job.InstanceId);
        Wait();
        job.JobStateInfo.State.ShouldBe(JobState.Completed);
        Texts("(Receive-Job $job).SessionId | Sort-Object").ShouldBe(_ids);
        job.HasMoreData.ShouldBeFalse();
        Run("Remove-Job $job; Get-Job").ShouldBeEmpty();
    }

    [Fact]
    public void A_job_has_lines_too()
    {
        var got = Run("$sessions[0] | Invoke-AgbCommand 'lines 3' -AsJob -Stream | Receive-Job -Wait -AutoRemoveJob").Select(o => o.BaseObject).ToArray();

        got[..3].Cast<AgbCommandOutput>().Select(o => o.Text).ShouldBe(["line 1", "line 2", "line 3"]);
        got[3].ShouldBeOfType<AgbCommandResult>();
        Run("Get-Job").ShouldBeEmpty();
    }

    [Fact]
    public void As_many_commands_run_at_once_as_the_throttle_limit()
    {
        var job = Start("$sessions | Invoke-AgbCommand gate -AsJob -ThrottleLimit 2");
        Started(2);
        Service.Started.Wait(50, TestContext.Current.CancellationToken).ShouldBeFalse();
        job.JobStateInfo.State.ShouldBe(JobState.Running);
        job.ChildJobs.Count(c => c.JobStateInfo.State == JobState.NotStarted).ShouldBe(2);

        Service.Gate.Release(4);
        Wait();

        Service.MostCommandsAtOnce.ShouldBe(2);
    }

    [Fact]
    public void The_failure_of_one_session_stays_apart()
    {
        var job = Start("$sessions[0], 'session-none', $sessions[1] | Invoke-AgbCommand 'exit 3' -AsJob -ErrorOnNonZeroExit");
        Wait();

        job.JobStateInfo.State.ShouldBe(JobState.Failed);
        job.ChildJobs.Select(c => c.JobStateInfo.State).ShouldBe([JobState.Completed, JobState.Failed, JobState.Completed]);
        job.StatusMessage.ShouldContain("session-none");
        Texts("(Receive-Job $job -ErrorVariable global:errors -ErrorAction SilentlyContinue).ExitCode").ShouldBe(["3", "3"]);
        Run("$errors").Select(e => IdOf((ErrorRecord)e.BaseObject)).Order()
            .ShouldBe([AgbErrorIds.CommandFailed, AgbErrorIds.CommandFailed, AgbErrorIds.SessionNotFound]);
    }

    [Fact]
    public void A_stop_ends_running_and_waiting_commands()
    {
        var job = Start("$sessions | Invoke-AgbCommand hang -AsJob -ThrottleLimit 2");
        Started(2);

        Run("Stop-Job $job");

        job.JobStateInfo.State.ShouldBe(JobState.Stopped);
        job.ChildJobs.ShouldAllBe(c => c.JobStateInfo.State == JobState.Stopped);
        Service.Cancelled.ShouldBe(2);
    }

    [Fact]
    public void Arguments_are_checked_before_the_start()
    {
        ErrorIdOf("$sessions[0] | Invoke-AgbCommand '' -AsJob").ShouldBe(AgbErrorIds.InvalidCommand);
        Run("Get-Job").ShouldBeEmpty();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        Service.Gate.Release(10);
        Run("Get-Job | Remove-Job -Force");
        base.Dispose(disposing);
    }

    private AgbCommandJob Start(string script)
    {
        var job = One<AgbCommandJob>(script);
        Set("job", job);
        return job;
    }

    private void Wait() => Run("Wait-Job $job -Timeout 20").Length.ShouldBe(1, "the job ended");

    private void Started(int count)
    {
        for (var i = 0; i < count; i++)
        {
            Service.Started.Wait(10000, TestContext.Current.CancellationToken).ShouldBeTrue();
        }
    }
}
