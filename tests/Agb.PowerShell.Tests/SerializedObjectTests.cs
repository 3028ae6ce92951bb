using System.Management.Automation;

namespace Agb.PowerShell.Tests;

/// <summary>Objects of another process, as jobs and remoting bring them.</summary>
public sealed class SerializedObjectTests : CmdletTest
{
    public SerializedObjectTests(ModuleRunspace module)
        : base(module)
    {
        UseConnection();
        var context = One<AgbContext>("New-AgbContext store");
        Set("context", context);
        Store(context, "/srv/a.txt", "a");
        Set("session", One<AgbSession>("$context | New-AgbSession -Path /home/data"));
        Set("page", new AgbBrowserPage { Service = Service, SessionId = Texts("$session.SessionId")[0], PageId = "P1", Title = "t", Url = "about:blank" });
        foreach (var (name, script) in new[]
        {
            ("context", "$context"), ("session", "$session"), ("file", "$context | Get-AgbContextFile /srv"), ("status", "$session | Sync-AgbContext"),
            ("result", "$session | Invoke-AgbCommand 'echo a'"),
            ("policy", "New-AgbSyncPolicy -WhiteList @{ Path = 'src'; ExcludePaths = 'bin' } -MappingPath /old"),
            ("sync", "$context | New-AgbContextSync /x -MappingPath /old"),
            ("browser", "$session | Start-AgbBrowser"), ("page", "$page"), ("window", "$session | Get-AgbWindow -Active"), ("app", "$session | Get-AgbApp Terminal"),
            ("process", "$session | Get-AgbApp -Running"),
        })
        {
            Set("given_" + name, PSSerializer.Deserialize(PSSerializer.Serialize(Run(script)[0])));
        }
    }

    [Theory]
    [InlineData("(Get-AgbContextFile $given_context /srv).Path", "/srv/a.txt")]
    [InlineData("($given_context | Get-AgbContextFile /srv).Path", "/srv/a.txt")]
    [InlineData("($given_context | Get-AgbContext).Name", "store")]
    [InlineData("($given_context | Get-AgbSession).SessionId", "session-0002")]
    [InlineData("(Invoke-AgbCommand 'echo a' $given_session).SessionId", "session-0002")]
    [InlineData("($given_session | Invoke-AgbCommand 'echo a').SessionId", "session-0002")]
    [InlineData("($given_session | Get-AgbSession).SessionId", "session-0002")]
    [InlineData("($given_session | Get-AgbContext).Name", "store")]
    [InlineData("($given_session | Get-AgbContextFile /srv).Path", "/srv/a.txt")]
    [InlineData("($given_result | Invoke-AgbCommand 'echo a').SessionId", "session-0002")]
    [InlineData("($given_status | Sync-AgbContext).Path", "/home/data")]
    [InlineData("($given_file | Receive-AgbContextFile -Destination $folder/out).Name", "a.txt")]
    [InlineData("(New-AgbContextSync store /x -SyncPolicy $given_policy).Policy.WhiteLists[0].ExcludePaths[0]", "bin")]
    [InlineData("($given_context | New-AgbSession -Path /home/x -SyncPolicy $given_policy).ContextSyncs.OriginPath", "/old")]
    [InlineData("(New-AgbSession -ContextSync $given_sync).ContextSyncs.OriginPath", "/old")]
    [InlineData("(Get-AgbBrowser $given_browser).SessionId", "session-0002")]
    [InlineData("(Invoke-AgbCommand 'echo a' $given_page).SessionId", "session-0002")]
    [InlineData("(Get-AgbWindow $given_window -Active).SessionId", "session-0002")]
    [InlineData("($given_app | Start-AgbApp).CommandLine", "xterm -ls")]
    [InlineData("($given_process | Get-AgbApp -Running).ProcessId", "111")]
    public void A_serialized_object_binds(string script, string expected) => Texts(script).ShouldBe([expected]);

    [Fact]
    public void A_serialized_page_as_the_session_is_that_page() =>
        One<AgbSessionReference>("$given_page -as [Agb.PowerShell.AgbSessionReference]").PageId.ShouldBe("P1");

    [Theory]
    [InlineData("$given_browser")]
    [InlineData("$given_page")]
    public void A_serialized_browser_or_page_is_no_desktop(string given)
    {
        Service.Calls.Clear();

        ErrorIdOf($"Save-AgbScreenshot shot.png {given}").ShouldBe(AgbErrorIds.BrowserNotRunning);
        Calls.ShouldNotContain(c => c.StartsWith("TakeScreenshot", StringComparison.Ordinal));
    }
}
