using System.Management.Automation;

namespace Agb.PowerShell.Tests;

/// <summary>Lines of commands as they come.</summary>
public sealed class CommandStreamTests : CmdletTest
{
    private readonly AgbSession _session;

    public CommandStreamTests(ModuleRunspace module)
        : base(module)
    {
        UseConnection();
        _session = One<AgbSession>("New-AgbSession");
        Set("session", _session);
    }

    [Fact]
    public void The_lines_of_each_session_come_before_its_result()
    {
        var other = One<AgbSession>("New-AgbSession");
        Set("other", other);

        var all = Run("$session, $other | Invoke-AgbCommand 'lines 300' -Stream");

        all.Length.ShouldBe(602);
        foreach (var id in new[] { _session.SessionId, other.SessionId })
        {
            var own = all.Where(o => o.Properties["SessionId"].Value.Equals(id)).Select(o => o.BaseObject).ToArray();
            own[..300].Cast<AgbCommandOutput>().Select(o => o.Text).ShouldBe(Enumerable.Range(1, 300).Select(n => $"line {n}"));
            own[300].ShouldBeOfType<AgbCommandResult>();
        }
    }

    [Fact]
    public void A_slow_pipeline_slows_the_command_down() =>
        // At most 300 lines are on the way.
        Texts("""
            $taken = $most = 0
            $session | Invoke-AgbCommand 'lines 5000' -Stream | ForEach-Object {
                if ($_ -is [Agb.AgbCommandOutput]) {
                    $taken++
                    $most = [math]::Max($most, $service.LinesWritten - $taken)
                }
            }
            $taken
            $most -le 300
            """).ShouldBe(["5000", "True"]);

    [Fact]
    public void The_command_ends_when_a_later_one_needs_no_more()
    {
        Texts("($session | Invoke-AgbCommand 'lines 1000000' -Stream | Select-Object -First 3).Text").ShouldBe(["line 1", "line 2", "line 3"]);

        Service.Cancelled.ShouldBe(1);
    }

    [Fact]
    public void A_session_that_fails_is_reported_beside_the_lines_of_the_others()
    {
        Run("$session, 'session-none' | Invoke-AgbCommand 'lines 2' -Stream -ErrorVariable global:errors -ErrorAction SilentlyContinue").Length.ShouldBe(3);

        IdOf((ErrorRecord)Run("$errors")[0].BaseObject).ShouldBe(AgbErrorIds.SessionNotFound);
    }
}
