namespace Agb.PowerShell.Tests;

/// <summary>Objects of the module in PowerShell's cmdlets for files: they are in their context, and never on this machine.</summary>
public sealed class FileCmdletTests : CmdletTest
{
    private const string Mine = "of this machine";
    private readonly string _local;

    private static readonly Dictionary<string, string> s_objects = new()
    {
        ["AgbContext"] = "$context",
        ["AgbContextFile"] = "$context | Get-AgbContextFile $local",
        ["AgbSession"] = "$session",
        ["AgbContextSync"] = "$session.ContextSyncs[0]",
        ["AgbSyncStatus"] = "$session | Sync-AgbContext",
        ["AgbSyncPlanItem"] = "$session | Sync-AgbContext -WhatIf",
        ["AgbCommandResult"] = "$session | Invoke-AgbCommand \"echo $local\"",
        ["AgbImage"] = "Get-AgbImage *code* -Connection $connection",
        ["AgbSyncPolicy"] = "New-AgbSyncPolicy",
        ["AgbConnection"] = "$connection",
        ["AgbContextVersion"] = "[Agb.AgbContextVersion]@{ ContextId = $context.Id; Version = 1 }",
        ["AgbContextDifference"] = "[Agb.AgbContextDifference]@{ ContextId = $context.Id; Path = $local; Difference = 'Added' }",
        ["AgbCommandOutput"] = "[Agb.AgbCommandOutput]@{ SessionId = \"$session\"; Text = $local }",
        ["AgbCodeResult"] = "[Agb.AgbCodeResult]@{ SessionId = \"$session\"; Language = 'python'; Stdout = $local }",
        ["AgbHostCheck"] = "[Agb.AgbHostCheck]@{ Name = 'same.txt'; Status = 'Missing'; Detail = 'x' }",
    };

    public FileCmdletTests(ModuleRunspace module)
        : base(module)
    {
        // The same path is in the context and on this machine.
        _local = Path.Combine(Folder, "same.txt");
        File.WriteAllText(_local, Mine);
        Set("local", _local);
        var context = One<AgbContext>("New-AgbContext store -Connection $connection");
        Set("context", context);
        Store(context, _local, "of the context");
        var session = One<AgbSession>("$context | New-AgbSession -Path /home/data");
        Set("session", session);
        Service.Plan = [new AgbSyncPlanItem { SessionId = session.SessionId, ContextId = context.Id, Action = AgbSyncAction.Add, Path = _local, Reason = "new" }];
    }

    /// <summary>The types with an object.</summary>
    public static TheoryData<string> Types => [.. s_objects.Keys];

    [Theory]
    [MemberData(nameof(Types))]
    public void This_machine_is_left_alone(string type)
    {
        Set("object", Run(s_objects[type])[0]);
        // Cmdlets that act on the context are only asked for their plan.
        var whatIf = type is "AgbContext" or "AgbContextFile" ? "-WhatIf" : "";
        string[] cmdlets =
        [
            "Get-Content", "Get-Item", "Test-Path", "Get-FileHash", "Import-Csv", "Resolve-Path", "Get-ItemProperty", "Get-ChildItem -Name",
            $"Select-String '{Mine}'", "Remove-Item -Recurse " + whatIf, "Clear-Content " + whatIf, "Copy-Item -Destination $folder/away",
            "Move-Item -Destination $folder/away " + whatIf, "Rename-Item -NewName other.txt " + whatIf, "Set-Content -Value x " + whatIf,
            "Add-Content -Value x " + whatIf,
        ];
        foreach (var cmdlet in cmdlets)
        {
            ShouldLeaveFilesAlone(cmdlet);
        }
    }

    [Theory]
    [InlineData("Get-Content", "of the context")]
    [InlineData("Test-Path", "True")]
    public void A_file_is_in_its_context(string cmdlet, string expected) => Texts($"{s_objects["AgbContextFile"]} | {cmdlet}").ShouldBe([expected]);

    [Fact]
    public void A_file_is_removed_in_its_context()
    {
        Run($"{s_objects["AgbContextFile"]} | Remove-Item");

        File.ReadAllText(_local).ShouldBe(Mine);
        ErrorIdOf(s_objects["AgbContextFile"]).ShouldBe(AgbErrorIds.FileNotFound);
    }

    [Fact]
    public void A_path_is_a_text_for_scripts()
    {
        Set("file", Run(s_objects["AgbContextFile"])[0]);

        Texts("""
            $file.Path -is [string]
            @{ $file.Path = 1 }[$local]
            ($file | Select-Object Path).Path.EndsWith('same.txt')
            @($file | Where-Object Path -EQ $local).Count
            ($file | ConvertTo-Json -Depth 1 | ConvertFrom-Json).Path
            ($file | ConvertTo-Csv | ConvertFrom-Csv).Path
            """).ShouldBe(["True", "1", "True", "1", _local, _local]);
    }

    [Fact]
    public void A_file_of_an_earlier_version_is_not_the_newest_one() =>
        Texts($"{s_objects["AgbContextFile"]} | Add-Member Version 1 -PassThru | ForEach-Object {{ [Agb.PowerShell.ObjectMembers]::PSPath($_) }}")
            .ShouldHaveSingleItem().ShouldStartWith("AgbContextVersion::");

    // Runs a cmdlet in a folder with files whose names are the texts of the object. An error is as good as no effect.
    private void ShouldLeaveFilesAlone(string cmdlet)
    {
        Set("place", Path.Combine(Folder, Guid.NewGuid().ToString()));
        Run($$"""
            $null = New-Item -ItemType Directory $place
            @("$object"; 'Path', 'Name', 'Id', 'SessionId' | ForEach-Object { "$($object.PSObject.Properties[$_]?.Value)" }) |
                Where-Object { $_ -and $_.Length -lt 200 -and $_ -notmatch '[/*?\[\]]' } | Select-Object -Unique |
                ForEach-Object { [IO.File]::WriteAllText("$place/$_", '{{Mine}}') }
            """);
        var before = Files();

        var output = One<string>($$"""
            Set-Location $place
            try { "$(@(, $object | {{cmdlet}} -ErrorAction Stop))" } catch { '' } finally { Set-Location $folder }
            """);

        output.ShouldNotContain(Mine, customMessage: cmdlet);
        Files().ShouldBe(before, cmdlet);
    }

    private string[] Files() =>
        [.. Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(f => $"{f} {File.ReadAllText(f)}")];
}
