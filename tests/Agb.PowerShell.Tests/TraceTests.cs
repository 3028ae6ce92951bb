using System.Management.Automation;

namespace Agb.PowerShell.Tests;

/// <summary>-Verbose and -Debug: calls of a service, with secrets masked.</summary>
public sealed class TraceTests : CmdletTest
{
    private readonly AgbSession _session;

    public TraceTests(ModuleRunspace module)
        : base(module)
    {
        UseConnection();
        _session = One<AgbSession>("New-AgbContext store | New-AgbSession -Path /home/data");
        Set("session", _session);
    }

    [Theory]
    [InlineData("New-AgbContext other -Verbose")]
    [InlineData("Get-AgbContext -Verbose")]
    [InlineData("Remove-AgbContext store -Force -Verbose")]
    [InlineData("New-AgbContextSync store /home/data -Verbose")]
    [InlineData("New-AgbSession store -Verbose")]
    [InlineData("Get-AgbSession -Verbose")]
    [InlineData("$session | Wait-AgbSession -Verbose")]
    [InlineData("$session | Suspend-AgbSession -Verbose")]
    [InlineData("$session | Resume-AgbSession -Verbose")]
    [InlineData("$session | Remove-AgbSession -Verbose")]
    [InlineData("Use-AgbSession { } -Verbose")]
    [InlineData("Get-AgbImage -Verbose")]
    [InlineData("$session | Invoke-AgbCommand 'echo hello' -Verbose")]
    [InlineData("$session | Invoke-AgbCommand 'echo hello' -Stream -Verbose")]
    [InlineData("$session | Invoke-AgbCommand 'echo hello' -AsJob | Wait-Job | Receive-Job -Verbose")]
    [InlineData("Test-AgbHost $folder/home -Verbose")]
    [InlineData("Connect-Agb $folder/home -Verbose")]
    [InlineData("$session | Sync-AgbContext -Verbose")]
    [InlineData("$session | Get-AgbSyncStatus -Verbose")]
    [InlineData("$session | Wait-AgbSync -Verbose")]
    public void Verbose_output_names_the_service_the_call_and_its_time(string script)
    {
        var said = Run($"& {{ {script} }} 4>&1").Select(o => o?.BaseObject).OfType<VerboseRecord>();

        string.Join(' ', said).ShouldMatch("(memory|embedded): .+ took [0-9.]+ ms");
    }

    [Theory]
    [InlineData("$session | Send-AgbMouse Left -Verbose", "read the screen", "move the mouse")]
    [InlineData("$session | Start-AgbApp Terminal -Verbose", "list the apps", "start 'xterm -ls'")]
    [InlineData("$session | Set-AgbWindow Close -WindowId 11 -PassThru -Verbose", "Close window 11", "list the windows")]
    public void Verbose_output_has_each_call(string script, params string[] calls)
    {
        var said = Run($"& {{ {script} }} 4>&1").Select(o => o?.BaseObject).OfType<VerboseRecord>().Select(r => r.Message).Where(m => m.Contains(" took ", StringComparison.Ordinal)).ToArray();

        said.Length.ShouldBe(calls.Length);
        foreach (var (message, call) in said.Zip(calls))
        {
            message.ShouldContain(call);
        }
    }

    [Fact]
    public void Debug_output_has_each_call_with_its_arguments()
    {
        var said = Run("New-AgbContext other -Debug 5>&1");

        said[0].BaseObject.ShouldBeOfType<DebugRecord>().Message.ShouldBe("memory.CreateContextAsync(name: 'other', getExisting: False)");
        said[1].ToString().ShouldStartWith("memory: create context 'other' took");
        said[2].BaseObject.ShouldBeOfType<AgbContext>();
    }

    [Fact]
    public void Debug_output_masks_the_values_of_tables()
    {
        var said = string.Join(' ', Texts("$session | Invoke-AgbCommand 'echo a' -Environment @{ TOKEN = 'secret-value' } -Debug 5>&1"));

        said.ShouldMatch($$"""RunCommandAsync\(sessionId: '{{_session.SessionId}}', request: \{ Command: 'echo a', .*Environment: \{TOKEN=\*\*\*\}""");
        said.ShouldNotContain("secret-value");
    }

    [Fact]
    public void Debug_output_follows_the_preference()
    {
        Run("$global:DebugPreference = 'Continue'");
        try
        {
            string.Join(' ', Texts("Get-AgbContext 5>&1")).ShouldContain("ListContextsAsync");
        }
        finally
        {
            Run("$global:DebugPreference = 'SilentlyContinue'");
        }
        Run("Get-AgbContext 5>&1").ShouldHaveSingleItem().BaseObject.ShouldBeOfType<AgbContext>();
    }

    [Theory]
    [InlineData("New-AgbContext other -Debug 5> $null")]
    [InlineData("Get-AgbImage *code* -Debug 5> $null")]
    public void Objects_are_of_the_service_itself(string script) =>
        Run(script).ShouldHaveSingleItem().Properties["Service"].Value.ShouldBeSameAs(Service);

    [Fact]
    public void An_error_stays_the_same() => ErrorIdOf("Get-AgbContext none -Debug 5> $null").ShouldBe(AgbErrorIds.ContextNotFound);
}
