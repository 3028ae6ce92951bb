using System.Management.Automation;

namespace Agb.PowerShell.Tests;

/// <summary>Values taken by parameters and by the pipeline.</summary>
public sealed class BindingTests : CmdletTest
{
    private readonly AgbContext _context;

    public BindingTests(ModuleRunspace module)
        : base(module)
    {
        UseConnection();
        _context = One<AgbContext>("New-AgbContext store");
        Set("context", _context);
    }

    [Theory]
    [InlineData("Get-AgbContext store")]
    [InlineData("Get-AgbContext st*")]
    [InlineData("Get-AgbContext -Id $context.Id")]
    [InlineData("'store' | Get-AgbContext")]
    [InlineData("$context | Get-AgbContext")]
    [InlineData("[pscustomobject]@{ Name = 'store' } | Get-AgbContext")]
    [InlineData("[pscustomobject]@{ ContextId = $context.Id } | Get-AgbContext")]
    [InlineData("$context | New-AgbSession -Path /home/data | Get-AgbContext")]
    [InlineData("Get-AgbContext")]
    public void A_context_is_found(string script) => One<AgbContext>(script).Id.ShouldBe(_context.Id);

    [Theory]
    [InlineData("'/a', '/b/', '/c' | New-AgbSyncPolicy -Lifecycle 30Days")]
    [InlineData("'/a', '/b', '/c' | ForEach-Object { [pscustomobject]@{ MappingPath = $_ } } | New-AgbSyncPolicy -Lifecycle 30Days")]
    [InlineData("'/a', 'relative', '/b', '', '/c' | New-AgbSyncPolicy -Lifecycle 30Days -ErrorAction SilentlyContinue")]
    public void Mapping_paths_give_one_policy_each(string script) =>
        Texts(script + " | ForEach-Object { \"$($_.Mapping.Path) $($_.Recycle.Lifecycle)\" }")
            .ShouldBe(["/a Lifecycle_30Days", "/b Lifecycle_30Days", "/c Lifecycle_30Days"]);

    [Theory]
    [InlineData("'/a' | New-AgbSyncPolicy -Lifecycle never", "InvalidPolicy")]
    [InlineData("'relative' | New-AgbSyncPolicy", "InvalidPath")]
    public void A_wrong_policy_of_the_pipeline_is_an_error(string script, string id) =>
        One<string>($"try {{ {script} -ErrorAction Stop }} catch {{ $_.FullyQualifiedErrorId.Split(',')[0] }}").ShouldBe(id);

    [Fact]
    public void A_pattern_without_a_match_is_no_error() => Run("Get-AgbContext nope* -ErrorAction Stop").ShouldBeEmpty();

    [Theory]
    [InlineData("Get-AgbApp $session")]
    [InlineData("Start-AgbBrowser $session")]
    [InlineData("Get-AgbApp @($session, $session)")]
    [InlineData("Start-AgbBrowser ([System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($session)))")]
    public void A_session_in_place_of_a_text_is_refused(string script)
    {
        Set("session", One<AgbSession>("New-AgbSession"));

        var error = ErrorOf(script);

        IdOf(error).ShouldBe("ParameterArgumentTransformationError");
        error.Exception.Message.ShouldContain("-Session");
    }

    [Fact]
    public void A_name_is_no_id() => ErrorIdOf("Get-AgbContext -Id store").ShouldBe(AgbErrorIds.ContextNotFound);

    [Fact]
    public void An_existing_context_is_emitted_only_with_GetExisting()
    {
        ErrorIdOf("New-AgbContext store").ShouldBe(AgbErrorIds.ContextAlreadyExists);
        One<AgbContext>("New-AgbContext store -GetExisting").Id.ShouldBe(_context.Id);
    }

    [Theory]
    [InlineData("New-AgbSession -Context $context -Path /home/data")]
    [InlineData("New-AgbSession store /home/data")]
    [InlineData("New-AgbSession $context.Id /home/data")]
    [InlineData("$context | New-AgbSession -Path /home/data")]
    [InlineData("'store' | New-AgbSession -Path /home/data")]
    [InlineData("[pscustomobject]@{ Context = 'store'; Path = '/home/data' } | New-AgbSession")]
    [InlineData("New-AgbSession -ContextSync @{ ContextId = 'store'; Path = '/home/data' }")]
    [InlineData("New-AgbSession -ContextSync (New-AgbContextSync store /home/data)")]
    [InlineData("$context | New-AgbContextSync -Path /home/data | New-AgbSession")]
    public void A_context_is_mounted(string script)
    {
        var sync = One<AgbSession>(script).ContextSyncs.ShouldHaveSingleItem();
        sync.ContextId.ShouldBe(_context.Id);
        sync.Path.ShouldBe("/home/data");
    }

    [Fact]
    public void Several_contexts_are_mounted_in_one_session()
    {
        var session = One<AgbSession>("""
            $other = New-AgbContext other
            $syncs = @(
                $context | New-AgbContextSync -Path /home/a
                $other | New-AgbContextSync -Path /home/b -MappingPath /tmp/mapping
            )
            New-AgbSession -ContextSync $syncs -Label @{ purpose = 'both'; number = 7 }
            """);

        session.ContextSyncs.Select(s => s.Path).ShouldBe(["/home/a", "/home/b"]);
        session.ContextSyncs.Select(s => s.OriginPath).ShouldBe(["/home/a", "/tmp/mapping"]);
        session.Labels["number"].ShouldBe("7");
    }

    [Fact]
    public void Each_piped_context_gets_a_session_in_order() =>
        Texts("$other = New-AgbContext other; ($context, $other | New-AgbSession).ContextSyncs.ContextId; $other.Id")
            .ShouldBe([_context.Id, "SdkCtx-0002", "SdkCtx-0002"]);

    [Theory]
    [InlineData("New-AgbSession", "/home/store", "/home/store")]
    [InlineData("New-AgbSession", "/tmp/mapping", "/tmp/mapping", "/tmp/mapping")]
    [InlineData("New-AgbSession -MappingPath /tmp/mapping", "/home/store", "/tmp/mapping", "/tmp/mapping")]
    public void A_context_without_a_path_is_mounted_at_its_data_or_in_home(string cmdlet, string path, string origin, params string[] paths)
    {
        Service.SetPaths(new ContextId(_context.Id), paths);

        var sync = One<AgbSession>("$context | " + cmdlet).ContextSyncs.ShouldHaveSingleItem();

        (sync.Path, sync.OriginPath).ShouldBe((path, origin));
    }

    [Fact]
    public void Data_under_several_paths_needs_a_path()
    {
        Service.SetPaths(new ContextId(_context.Id), "/home/a", "/tmp/b");

        var record = ErrorOf("$context | New-AgbSession");

        IdOf(record).ShouldBe(AgbErrorIds.AmbiguousPath);
        record.ToString().ShouldContain("/home/a, /tmp/b");
    }

    [Fact]
    public void A_name_that_is_no_directory_name_needs_a_path() =>
        ErrorIdOf("New-AgbContext a/b | New-AgbSession").ShouldBe(AgbErrorIds.InvalidPath);

    [Theory]
    [InlineData("$session | Invoke-AgbCommand 'echo a'")]
    [InlineData("Invoke-AgbCommand 'echo a' $session")]
    [InlineData("Invoke-AgbCommand 'echo a' -SessionId $session.SessionId")]
    [InlineData("$session.SessionId | Invoke-AgbCommand 'echo a'")]
    [InlineData("$session | Invoke-AgbCommand 'echo b' | Invoke-AgbCommand 'echo a'")]
    [InlineData("$session | Select-Object SessionId | Invoke-AgbCommand 'echo a'")]
    public void A_command_runs_in_a_session(string script)
    {
        var session = One<AgbSession>("$context | New-AgbSession");
        Set("session", session);

        var result = One<AgbCommandResult>(script);

        (result.SessionId, result.Stdout).ShouldBe((session.SessionId, "echo a\n"));
    }

    [Theory]
    [InlineData("Get-AgbSession $session.SessionId")]
    [InlineData("Get-AgbSession \"*$($session.SessionId[-4..-1] -join '')\"")]
    [InlineData("Get-AgbSession -Label @{ purpose = 'find me' }")]
    [InlineData("Get-AgbSession -ImageId *browser*")]
    [InlineData("$session | Get-AgbSession")]
    [InlineData("$session | Invoke-AgbCommand 'echo a' | Get-AgbSession")]
    [InlineData("Get-AgbSession $session.SessionId -Label @{ purpose = 'find me' }")]
    public void A_session_is_found(string script)
    {
        var session = One<AgbSession>("$null = New-AgbSession; New-AgbSession -ImageId agb-browser-use-1 -Label @{ purpose = 'find me' }");
        Set("session", session);

        One<AgbSession>(script).SessionId.ShouldBe(session.SessionId);
    }

    [Fact]
    public void The_session_of_a_command_is_synced()
    {
        var status = One<AgbSyncStatus>("$context | New-AgbSession -Path /home/data | Invoke-AgbCommand 'echo a' | Sync-AgbContext");

        (status.TaskType, status.Status).ShouldBe((AgbSyncTaskType.Upload, AgbSyncTaskStatus.Success));
    }

    [Fact]
    public void A_piped_status_syncs_its_mount_alone()
    {
        Run("""
            $global:other = New-AgbContext other
            $global:session = New-AgbSession -ContextSync ($context | New-AgbContextSync -Path /home/a), ($other | New-AgbContextSync -Path /home/b)
            """);

        Run("$session | Sync-AgbContext").Length.ShouldBe(2);
        One<AgbSyncStatus>("$session | Sync-AgbContext -Context other").Path.ShouldBe("/home/b");
        One<AgbSyncStatus>("$session | Sync-AgbContext -Path /home/a/ -Mode Download").TaskType.ShouldBe(AgbSyncTaskType.Download);
        Run("$global:one = $session | Get-AgbSyncStatus -Context $other -TaskType Upload");
        One<AgbSyncStatus>("$one").Path.ShouldBe("/home/b");
        One<AgbSyncStatus>("$one | Sync-AgbContext").Path.ShouldBe("/home/b");
        One<AgbSyncStatus>("$one | Wait-AgbSync").Path.ShouldBe("/home/b");
    }

    [Fact]
    public void A_sync_without_wait_is_waited_for_later()
    {
        Set("started", One<AgbSyncStatus>("$context | New-AgbSession -Path /home/data | Sync-AgbContext -NoWait"));

        One<AgbSyncStatus>("$started").Status.ShouldBe(AgbSyncTaskStatus.Running);
        One<AgbSyncStatus>("$started | Wait-AgbSync").Status.ShouldBe(AgbSyncTaskStatus.Success);
    }

    [Fact]
    public void Piped_objects_are_removed_without_output()
    {
        Run("$context, $context | New-AgbSession -Path /home/data | Remove-AgbSession").ShouldBeEmpty();
        Run("Get-AgbSession").ShouldBeEmpty();
        Run("$context | Remove-AgbContext -Force").ShouldBeEmpty();
        Run("Get-AgbContext").ShouldBeEmpty();
    }

    [Fact]
    public void Options_of_a_release_are_passed_on()
    {
        string[] ids = [.. Run("1..3 | ForEach-Object { New-AgbSession }").Select(s => ((AgbSession)s.BaseObject).SessionId)];

        Run($"'{ids[0]}' | Remove-AgbSession -SyncContext; '{ids[1]}' | Remove-AgbSession -DiscardChanges");

        ErrorIdOf($"'{ids[2]}' | Remove-AgbSession -SyncContext -DiscardChanges").ShouldBe(AgbErrorIds.InvalidSessionOption);
        Calls.ShouldContain($"RemoveSession {ids[0]} Upload");
        Calls.ShouldContain($"RemoveSession {ids[1]} Discard");
    }

    [Fact]
    public void Images_are_listed_and_named_in_the_error()
    {
        One<AgbImage>("Get-AgbImage *code*").ImageId.ShouldBe("agb-code-space-1");
        Texts("(Get-AgbImage | New-AgbSession).ImageId").ShouldBe(["agb-browser-use-1", "agb-code-space-1"]);
        var record = ErrorOf("Get-AgbImage agb-windows-95");
        IdOf(record).ShouldBe(AgbErrorIds.ImageNotFound);
        record.ToString().ShouldContain("agb-browser-use-1, agb-code-space-1");
    }

    [Fact]
    public void An_image_is_found_in_any_case()
    {
        One<AgbImage>("Get-AgbImage AGB-CODE-SPACE-1").ImageId.ShouldBe("agb-code-space-1");
        One<AgbSession>("New-AgbSession -ImageId AGB-CODE-SPACE-1").ImageId.ShouldBe("agb-code-space-1");
        ErrorIdOf("New-AgbSession -ImageId agb-nothing").ShouldBe(AgbErrorIds.ImageNotFound);
    }
}
