namespace Agb.PowerShell.Tests;

/// <summary>Cmdlets of desktops: binding, calls, chains and errors.</summary>
public sealed class DesktopCmdletTests : CmdletTest
{
    public DesktopCmdletTests(ModuleRunspace module)
        : base(module)
    {
        // Chains carry the service, so only the first cmdlet has a connection.
        Set("s", One<AgbSession>("New-AgbSession -Connection $connection"));
        Service.Calls.Clear();
    }

    [Theory]
    [InlineData("$s | Get-AgbApp 'Google Chrome' | Start-AgbApp", "StartApp chromium")]
    [InlineData("$s | Start-AgbApp terminal -WorkingDirectory /tmp", "StartApp xterm -ls /tmp")]
    [InlineData("Start-AgbApp -StartCommand 'xterm -e top' -Session $s", "StartApp xterm -e top")]
    [InlineData("$s | Get-AgbApp -Running xterm | Stop-AgbApp", "StopApp 111")]
    [InlineData("Stop-AgbApp xterm $s", "StopApps xterm")]
    [InlineData("Get-AgbWindow $s | Where-Object Title -like '*Chrom*' | Set-AgbWindow -Action Maximize", "ChangeWindow 22 Maximize ")]
    [InlineData("Get-AgbWindow $s -Title *Chrom* | Set-AgbWindow Activate", "ChangeWindow 22 Activate ")]
    [InlineData("Get-AgbWindow -Session $s -Active | Set-AgbWindow -X 5 -Y 6 ", "ChangeWindow 22 Move (5, 6)")]
    [InlineData("Set-AgbWindow -WindowId 11 -Width 300 -Height 500 -Session $s", "ChangeWindow 11 Resize 300x500")]
    [InlineData("$s | Send-AgbKey 'Grüße'", "SendKeys Grüße Tap")]
    [InlineData("$s | Send-AgbKey -Key Ctrl, a", "SendKeys Ctrl+a Tap")]
    [InlineData("Send-AgbKey -Key Shift -Press Hold -Session $s", "SendKeys Shift Hold")]
    [InlineData("$s | Send-AgbMouse -X 3 -Y 4", "SendMouse 3,4 0 Left  ")]
    [InlineData("$s | Send-AgbMouse Right -X 3 -Y 4", "SendMouse 3,4 1 Right  ")]
    [InlineData("$s | Send-AgbMouse -Click Double -X 3 -Y 4", "SendMouse 3,4 2 Left  ")]
    [InlineData("$s | Send-AgbMouse -Click Left", "SendMouse 7,9 1 Left  ")]
    [InlineData("$s | Send-AgbMouse -X 1 -Y 2 -DragToX 30 -DragToY 40 -Button Middle", "SendMouse 1,2 0 Middle (30, 40) ")]
    [InlineData("$s | Send-AgbMouse -X 1 -Y 2 -Scroll Down -Steps 3", "SendMouse 1,2 0 Left  Down3")]
    public void A_command_becomes_a_call(string script, string call)
    {
        Run(script);

        Calls.Last().ShouldBe(call);
    }

    [Fact]
    public void Changes_of_a_window_go_in_order_and_the_window_is_emitted()
    {
        var window = One<AgbWindow>("Get-AgbWindow $s | Select-Object -First 1 | Set-AgbWindow Fullscreen -X 1 -Y 2 -Width 3 -Height 4 -PassThru");

        window.WindowId.ShouldBe(11);
        Calls.Where(c => c.StartsWith("Change", StringComparison.Ordinal))
            .ShouldBe(["ChangeWindow 11 Move (1, 2)", "ChangeWindow 11 Resize 3x4", "ChangeWindow 11 Fullscreen "]);
    }

    [Theory]
    [InlineData("Set-AgbWindow -WindowId 99 -Action Close -Session $s", AgbErrorIds.WindowNotFound)]
    [InlineData("Set-AgbWindow -WindowId 11 -Session $s", AgbErrorIds.InvalidDesktopAction)]
    [InlineData("Set-AgbWindow -WindowId 11 -Width 5 -Session $s", AgbErrorIds.InvalidDesktopAction)]
    [InlineData("$s | Send-AgbMouse -X 3", AgbErrorIds.InvalidDesktopAction)]
    [InlineData("$s | Send-AgbMouse", AgbErrorIds.InvalidDesktopAction)]
    [InlineData("$s | Get-AgbApp Solitaire", AgbErrorIds.AppNotFound)]
    [InlineData("$s | Start-AgbApp Solitaire", AgbErrorIds.AppNotFound)]
    [InlineData("Get-AgbWindow -Connection $connection -Session session-none", AgbErrorIds.SessionNotFound)]
    public void A_wrong_command_is_an_error(string script, string id) => ErrorIdOf(script).ShouldBe(id);

    [Fact]
    public void A_pattern_without_a_match_is_no_error() => Run("$s | Get-AgbApp Sol* -ErrorAction Stop; Get-AgbWindow $s -Title nope").ShouldBeEmpty();

    [Fact]
    public void A_session_without_a_desktop_is_said()
    {
        Service.HasDesktop = false;

        ErrorIdOf("Get-AgbWindow $s").ShouldBe(AgbErrorIds.NotSupported);
    }

    [Theory]
    [InlineData("$s | Start-AgbApp Terminal -WhatIf")]
    [InlineData("$s | Stop-AgbApp -ProcessId 1 -WhatIf")]
    [InlineData("$s | Send-AgbKey x -WhatIf")]
    [InlineData("$s | Send-AgbMouse Left -WhatIf")]
    [InlineData("Set-AgbWindow Close -WindowId 11 -Session $s -WhatIf")]
    [InlineData("$s | Save-AgbScreenshot shot.png -WhatIf")]
    public void WhatIf_changes_nothing(string script)
    {
        Run(script);

        Calls.ShouldBeEmpty();
        Directory.GetFiles(Folder).ShouldBeEmpty();
    }

    [Fact]
    public void A_picture_of_the_desktop_replaces_a_file()
    {
        File.WriteAllText(Path.Combine(Folder, "shot.jpg"), "an older and longer file");

        var file = One<FileInfo>("$s | Save-AgbScreenshot ./shot.jpg");

        Calls.ShouldBe(["TakeScreenshot Jpeg"]);
        file.FullName.ShouldBe(Path.Combine(Folder, "shot.jpg"));
        File.ReadAllBytes(file.FullName).ShouldBe(Service.Picture);
        Directory.GetFiles(Folder).ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("$s, $s | Save-AgbScreenshot shot.png")]
    [InlineData("Save-AgbScreenshot shot.png $s, $s")]
    public void A_second_picture_does_not_replace_the_first(string script)
    {
        ErrorIdOf(script).ShouldBe(AgbErrorIds.InvalidRequest);

        Calls.ShouldBe(["TakeScreenshot Png"]);
        Directory.GetFiles(Folder).ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("$s | Save-AgbScreenshot shot.gif", AgbErrorIds.InvalidRequest)]
    [InlineData("$s | Save-AgbScreenshot shot.png -Quality 3", AgbErrorIds.InvalidRequest)]
    [InlineData("$s | Save-AgbScreenshot none/shot.png", AgbErrorIds.FileNotFound)]
    [InlineData("$null = mkdir d.png; $s | Save-AgbScreenshot d.png", AgbErrorIds.WrongFileType)]
    [InlineData("$s | Save-AgbScreenshot shot.png -FullPage", AgbErrorIds.BrowserNotRunning)]
    public void A_picture_that_can_not_be_saved_is_an_error(string script, string id) => ErrorIdOf(script).ShouldBe(id);

    [Fact]
    public void Names_are_completed()
    {
        Complete("Set-AgbWindow -Action Max").ShouldContain("Maximize");
        Complete("Send-AgbKey -Key PageU").ShouldContain("PageUp");
    }
}
