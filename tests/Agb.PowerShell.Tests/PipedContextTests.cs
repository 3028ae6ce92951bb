namespace Agb.PowerShell.Tests;

/// <summary>Piped contexts beside arguments by position, and contexts in place of sessions.</summary>
public sealed class PipedContextTests : CmdletTest
{
    public PipedContextTests(ModuleRunspace module)
        : base(module)
    {
        var context = One<AgbContext>("New-AgbContext store -Connection $connection");
        Set("context", context);
        Store(context, "/srv/a.txt", "a");
    }

    [Theory]
    [InlineData("($context | Get-AgbContextFile /srv).Path", "/srv/a.txt")]
    [InlineData("($context | Get-AgbContextFile /srv, /srv/a.txt).Path", "/srv/a.txt", "/srv/a.txt")]
    [InlineData("('store' | Get-AgbContextFile /srv -Connection $connection).Path", "/srv/a.txt")]
    [InlineData("(Get-AgbContextFile $context /srv).Path", "/srv/a.txt")]
    [InlineData("($context | Receive-AgbContextFile /srv/a.txt $folder/out).FullName", "/out/a.txt")]
    [InlineData("($context | Receive-AgbContextFile -Path /srv/a.txt $folder/named).FullName", "/named/a.txt")]
    [InlineData("($context | Get-AgbContextFile /srv | Receive-AgbContextFile $folder/files).FullName", "/files/a.txt")]
    [InlineData("(Receive-AgbContextFile $context /srv/a.txt $folder/three).FullName", "/three/a.txt")]
    [InlineData("($context | New-AgbSession /home/x).ContextSyncs.Path", "/home/x")]
    [InlineData("($context, $context | New-AgbSession /home/x).ContextSyncs.Path", "/home/x", "/home/x")]
    [InlineData("($context | New-AgbContextSync /home/y).Path", "/home/y")]
    [InlineData("$context | Use-AgbSession { $_.ContextSyncs.Path } /home/z", "/home/z")]
    public void Arguments_by_position_are_put_where_they_belong(string script, params string[] expected)
    {
        var found = Texts(script);

        found.Length.ShouldBe(expected.Length);
        found.Zip(expected).ShouldAllBe(p => p.First.EndsWith(p.Second));
    }

    [Theory]
    [InlineData("$context | Get-AgbContextFile store /srv")]
    [InlineData("$context | Receive-AgbContextFile")]
    [InlineData("$context | Rename-AgbContext")]
    [InlineData("Restore-AgbContext $context")]
    [InlineData("$context | Get-AgbContextVersion newest")]
    [InlineData("Rename-AgbContext $context, $context other")]
    [InlineData("$context | New-AgbSession /home/x | Clear-AgbContext")]
    [InlineData("$context | Invoke-AgbCommand 'echo a'")]
    public void Wrong_arguments_are_named(string script) => ErrorIdOf(script).ShouldBe(AgbErrorIds.InvalidRequest);

    [Fact]
    public void Several_contexts_are_taken()
    {
        UseConnection();
        Store(One<AgbContext>("New-AgbContext other"), "/opt/a.txt", "a");

        Texts("(Get-AgbContextFile store, other -Recurse).Path").ShouldContain("/opt/a.txt");
        ErrorIdOf("Get-AgbContextFile store, nope").ShouldBe(AgbErrorIds.ContextNotFound);
    }

    [Theory]
    [InlineData("$context | Get-AgbSession")]
    [InlineData("Get-AgbSession -Context store")]
    [InlineData("$context | Sync-AgbContext")]
    [InlineData("$context | Wait-AgbSync -TaskType Upload")]
    [InlineData("$context | Get-AgbSyncStatus -TaskType Upload")]
    public void A_context_stands_for_the_sessions_that_mount_it(string script)
    {
        var (first, second, _) = MountTwice();
        Run("$context, $other | Sync-AgbContext");

        Texts($"({script}).SessionId | Sort-Object").ShouldBe([first, second]);
    }

    [Fact]
    public void A_context_without_a_session_is_warned_of()
    {
        using var shell = Create("New-AgbContext lonely -Connection $connection | Sync-AgbContext -WarningAction Continue");

        shell.Invoke().ShouldBeEmpty();
        shell.Streams.Warning.ShouldHaveSingleItem().Message.ShouldContain("'lonely'");
    }

    [Fact]
    public void Sessions_are_found_by_status_and_context()
    {
        var (first, second, third) = MountTwice();

        Texts("(Get-AgbSession -Status Running).SessionId").ShouldBe([first, second, third]);
        Run("Get-AgbSession -Status Failed").ShouldBeEmpty();
        Texts($"('{third}' | Get-AgbSession -Context other).SessionId").ShouldBe([third]);
        Run($"'{third}' | Get-AgbSession -Context store").ShouldBeEmpty();
    }

    [Fact]
    public void A_status_has_the_name_of_its_context()
    {
        MountTwice();
        Set("status", Run("$first | Sync-AgbContext")[0]);

        Texts("$status.ContextName").ShouldBe(["store"]);
        One<string>("$status | Format-Table | Out-String").ShouldContain("store");
    }

    [Fact]
    public void A_session_stands_for_the_contexts_that_it_mounts()
    {
        MountTwice();

        Texts("($first | Get-AgbContextFile /srv).Path; ($first | Get-AgbContext).Name").ShouldBe(["/srv/a.txt", "store"]);
    }

    private (string First, string Second, string Third) MountTwice()
    {
        UseConnection();
        Run("""
            $global:other = New-AgbContext other
            $global:first, $global:second = $context, $context | New-AgbSession -Path /home/data
            $global:third = $other | New-AgbSession -Path /home/other
            """);
        var ids = Texts("$first.SessionId; $second.SessionId; $third.SessionId");
        return (ids[0], ids[1], ids[2]);
    }
}
