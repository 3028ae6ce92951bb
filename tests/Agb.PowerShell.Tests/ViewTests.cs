using System.Management.Automation;
using System.Xml.Linq;

namespace Agb.PowerShell.Tests;

/// <summary>Views of the objects emitted by cmdlets: in 80 columns, in units for people.</summary>
public sealed class ViewTests : CmdletTest
{
    private const string Escape = "\u001b";

    // A script for an object of each type.
    private static readonly Dictionary<string, string> s_samples = new()
    {
        ["Agb.AgbContext"] = "$context",
        ["Agb.AgbSession"] = "$session",
        ["Agb.AgbContextSync"] = "$context | New-AgbContextSync -Path /home/data -MappingPath /tmp/mapping",
        ["Agb.AgbMount"] = "$session | Mount-AgbContext $context -Path /home/other",
        ["Agb.AgbSyncPolicy"] = "New-AgbSyncPolicy -WhiteList src -MappingPath /tmp/mapping",
        ["Agb.AgbCommandResult"] = "$session | Invoke-AgbCommand 'echo hello'",
        ["Agb.AgbCommandOutput"] = "$session | Invoke-AgbCommand 'echo hello' -Stream | Select-Object -First 1",
        ["Agb.PowerShell.AgbCommandJob"] = "$session | Invoke-AgbCommand 'echo hello' -AsJob | Wait-Job",
        ["Agb.AgbSyncStatus"] = "$session | Sync-AgbContext",
        ["Agb.AgbImage"] = "Get-AgbImage *code* -Connection $connection",
        ["Agb.AgbHostCheck"] =
            "[Agb.AgbHostCheck]@{ Name = 'bubblewrap'; Status = 'Missing'; Detail = 'not found on PATH'; Remedy = 'apt-get install bubblewrap' }",
        ["Agb.PowerShell.AgbConnection"] = "$connection",
        ["Agb.PowerShell.AgbServerProcess"] = """
            [Agb.PowerShell.AgbServerProcess]@{
                Endpoint = 'http://127.0.0.1:8765'; DataDirectory = '/srv/agb'; ProcessId = 4711; LogFile = '/srv/agb/server.log'
            }
            """,
        ["Agb.PowerShell.AgbServerKey"] = """
            [Agb.PowerShell.AgbServerKey]@{
                Name = 'alice'; Owner = 'o-abcdefghijklmnop'; CreatedAt = [datetime]'2026-01-02 03:04:05'; DataDirectory = '/srv/agb'
            }
            """,
        ["Agb.AgbCodeResult"] = "$session | Invoke-AgbCode 'print(\"hello\")'",
        ["Agb.AgbCodeEvent"] = "$session | Invoke-AgbCode 'print(\"hello\")' -Stream | Select-Object -First 1",
        ["Agb.AgbSyncPlanItem"] = "$session | Sync-AgbContext -WhatIf",
        ["Agb.AgbContextFile"] = "Get-AgbContextFile $context /data",
        ["Agb.AgbContextDifference"] = "Compare-AgbContext $context -Version 1",
        ["Agb.AgbBrowser"] = "$session | Start-AgbBrowser",
        ["Agb.AgbBrowserPage"] =
            "[Agb.AgbBrowserPage]@{ SessionId = 'session-1'; PageId = '73B9912533C1142E26AF88DD3CC477A5'; Title = 'Example'; Url = 'https://example.com/'; IsActive = $true }",
        ["Agb.AgbWindow"] = "Get-AgbWindow $session",
        ["Agb.AgbApp"] = "$session | Get-AgbApp",
        ["Agb.AgbAppProcess"] = "$session | Get-AgbApp -Running",
        ["Agb.AgbContextVersion"] = "[Agb.AgbContextVersion]@{ ContextId = 'SdkCtx-1'; Version = 3; FilesAdded = 2; Bytes = 5000 }",
    };

    public ViewTests(ModuleRunspace module)
        : base(module)
    {
        var context = One<AgbContext>("New-AgbContext store -Connection $connection");
        Set("context", context);
        Set("session", One<AgbSession>("$context | New-AgbSession -Path /home/data -Label @{ purpose = 'views' }"));
        Store(context, "/data/report.txt", "text of a report");
        Store(context, "/data/another-report.txt", "more");
        Service.Plan =
        [
            new AgbSyncPlanItem
            {
                SessionId = "", ContextId = context.Id, Action = AgbSyncAction.Add, Path = "/home/data/report.txt", Size = 2048, Reason = "new in the session",
            },
        ];
    }

    /// <summary>The types emitted by cmdlets.</summary>
    public static TheoryData<string> EmittedTypes =>
    [
        .. typeof(AgbConnection).Assembly.GetExportedTypes()
            .SelectMany(t => t.GetCustomAttributes(false).OfType<OutputTypeAttribute>())
            .SelectMany(a => a.Type).Select(t => t.Name)
            .Where(n => n.StartsWith("Agb.", StringComparison.Ordinal)).Distinct().Order(),
    ];

    [Theory]
    [MemberData(nameof(EmittedTypes))]
    public void A_type_has_a_table_and_a_list(string type) =>
        Texts($"(Get-FormatData {type}).FormatViewDefinition.Control | ForEach-Object {{ $_.GetType().Name }}").ShouldBe(["TableControl", "ListControl"]);

    [Theory]
    [MemberData(nameof(EmittedTypes))]
    public void The_views_of_a_type_fit_80_columns_and_leave_the_service_out(string type)
    {
        string[] texts = [Show(s_samples[type]), Show($"{s_samples[type]} | Format-List")];

        foreach (var text in texts)
        {
            text.Trim().ShouldNotBeEmpty();
            text.Split('\n').ShouldAllBe(l => l.Length <= 80);
            text.ShouldNotMatch("MemoryService|Service +:");
        }
        // An expression of a view that fails shows nothing.
        Run("$Error").ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Agb.AgbCommandResult", @"(?m)^session-\d+ +0 +3 ms echo hello")]
    [InlineData("Agb.AgbSyncStatus", @"(?m)^SdkCtx-\d+ +/home/data +Upload +Success +2 +2\.0 KiB store")]
    [InlineData("Agb.AgbContextFile", @"(?m)^File +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +16 B /data/report\.txt")]
    [InlineData("Agb.AgbContextDifference", @"(?m)^=> +Added +4 B /data/another-report\.txt")]
    [InlineData("Agb.AgbSyncPlanItem", @"(?m)^Add +2\.0 KiB /home/data/report\.txt +new in the session")]
    [InlineData("Agb.AgbCodeResult", @"(?m)^session-\d+ +Python +True +5 ms print\(""hello""\)")]
    [InlineData("Agb.AgbSession", @"(?m)^session-\d+ +agb-code-space-1 +Running +(now|\d+ s ago) +/home/data")]
    [InlineData("Agb.AgbHostCheck", "apt-get install")]
    [InlineData("Agb.AgbWindow", @"(?m)^ +22 +\* +Normal +800x600 10,20 +app +Page - Chromium")]
    [InlineData("Agb.AgbBrowserPage", @"(?m)^\* +Example +https://example.com/")]
    public void A_table_shows(string type, string expected) => Show(s_samples[type]).ShouldMatch(expected);

    [Fact]
    public void The_list_of_a_session_shows_its_labels() => Show("$session | Format-List").ShouldContain("purpose=views");

    [Fact]
    public void A_mixture_of_types_leaves_the_service_out_too() =>
        Show($"$context, $session; {s_samples["Agb.AgbSyncStatus"]}; {s_samples["Agb.AgbCodeResult"]}").ShouldNotMatch("MemoryService|Service +:");

    [Fact]
    public void A_long_path_is_shown_whole() =>
        string.Concat(Show("[Agb.AgbContextFile]@{ ContextId = $context.Id; Path = '/srv/' + ('long/' * 30) + 'name.txt' } | Format-Table")
            .Where(c => !char.IsWhiteSpace(c))).ShouldContain("name.txt");

    [Fact]
    public void A_terminal_sequence_of_a_command_is_not_shown() =>
        Units.Glance(One<AgbCommandResult>("$session | Invoke-AgbCommand \"echo $([char]27)[31mred\"")).ShouldNotContain(Escape);

    [Theory]
    [InlineData("$session | Invoke-AgbCommand 'exit 3'", "Red", "3")]
    [InlineData("[Agb.AgbHostCheck]@{ Name = 'bubblewrap'; Status = 'Missing'; Detail = 'not found on PATH' }", "Red", "Missing")]
    [InlineData("$session", "Green", "Running")]
    public void A_state_has_a_colour_of_PSStyle_but_not_in_plain_text(string script, string colour, string text)
    {
        try
        {
            Run("$PSStyle.OutputRendering = 'Ansi'");
            Show(script).ShouldContain(Texts("$PSStyle.Foreground." + colour)[0] + text);
            Run("$PSStyle.OutputRendering = 'PlainText'");
            Show(script).ShouldNotContain(Escape);
            Show(s_samples["Agb.AgbSyncStatus"]).ShouldNotContain(Escape);
        }
        finally
        {
            Run("$PSStyle.OutputRendering = 'Host'");
        }
    }

    [Fact]
    public void The_merged_file_has_the_views_of_the_sources()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "build.ps1")))
        {
            root = root.Parent.ShouldNotBeNull();
        }
        var sources = Directory.GetFiles(Path.Combine(root.FullName, "src/Agb.PowerShell/Module"), "*.Format.ps1xml").Order(StringComparer.Ordinal);
        Views(Path.Combine(Path.GetDirectoryName(ModuleFolder.Manifest)!, "bin/Agb.Format.ps1xml")).ShouldBe(sources.SelectMany(Views));

        static IEnumerable<string> Views(string file) => XElement.Load(file, LoadOptions.PreserveWhitespace).Descendants("View").Select(
            v => string.Join('\n', v.Descendants().Where(e => !e.HasElements).Select(e => $"{e.Name} '{e.Value}'")));
    }

    private string Show(string script) => One<string>($"& {{ {script} }} | Out-String -Width 80");
}
