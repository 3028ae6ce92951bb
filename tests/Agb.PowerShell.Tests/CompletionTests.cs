namespace Agb.PowerShell.Tests;

/// <summary>Tab completion: quoted where needed, and silent on every failure.</summary>
public sealed class CompletionTests : CmdletTest
{
    private readonly AgbSession _session;

    public CompletionTests(ModuleRunspace module)
        : base(module)
    {
        Run("'alpha', 'beta', 'it''s spaced', 'build[1]', 'build1' | ForEach-Object { $null = New-AgbContext $_ -Connection $connection }");
        _session = One<AgbSession>(
            "New-AgbContext mounted -Connection $connection | New-AgbSession -Path '/home/my data' -Label @{ purpose = 'it''s a test' }");
    }

    [Theory]
    [InlineData("Get-AgbContext -Connection $connection -Name a", "alpha")]
    [InlineData("Get-AgbContext -Connection $connection it", "'it''s spaced'")]
    [InlineData("New-AgbSession -Connection $connection -Context be", "beta")]
    [InlineData("Sync-AgbContext -Connection $connection -Context al", "alpha")]
    [InlineData("Remove-AgbContext -Connection $connection \"be", "beta")]
    [InlineData("New-AgbSession -Connection $connection -ImageId *code", "agb-code-space-1")]
    [InlineData("New-AgbSyncPolicy -Lifecycle Lifecycle_30", "Lifecycle_30Days")]
    [InlineData("New-AgbSyncPolicy -UploadMode ", "File", "Archive")]
    [InlineData("Sync-AgbContext -Mode D", "Download")]
    [InlineData("Get-AgbContext -Connection $connection 'it''s", "'it''s spaced'")]
    [InlineData("Get-AgbContext -Connection $connection \"it's sp", "'it''s spaced'")]
    [InlineData("Get-AgbSession -Connection $connection -Label ", "@{ purpose = 'it''s a test' }")]
    [InlineData("Sync-AgbContext -Connection $connection -Path /h", "'/home/my data'")]
    [InlineData("Get-AgbSyncStatus s-none -Connection $connection -Path /h")]
    [InlineData("Get-AgbContext -Connection $connection -Name [a")]
    public void A_line_is_completed(string line, params string[] expected) => Complete(line).ShouldBe(expected);

    [Theory]
    [InlineData("Remove-AgbSession -Connection $connection -SessionId s")]
    [InlineData("Invoke-AgbCommand ls -Connection $connection -Session s")]
    public void Ids_of_sessions_are_completed(string line) => Complete(line).ShouldBe([_session.SessionId]);

    [Fact]
    public void A_completed_name_finds_its_context()
    {
        UseConnection();
        var texts = Complete("Get-AgbContext -Connection $connection bui");

        texts.Length.ShouldBe(2);
        texts.SelectMany(t => Texts($"(Get-AgbContext {t}).Name")).Order(StringComparer.Ordinal).ShouldBe(["build1", "build[1]"]);
    }

    [Fact]
    public void No_home_is_made()
    {
        var home = Path.Combine(Folder, "none");
        using var value = new EnvironmentValue("AGB_HOME", home);

        ShouldBeSilent("Get-AgbContext -Name zz");
        Directory.Exists(home).ShouldBeFalse();
    }

    [Fact]
    public void No_store_is_made_in_an_empty_home()
    {
        var home = Directory.CreateDirectory(Path.Combine(Folder, "empty")).FullName;
        using var value = new EnvironmentValue("AGB_HOME", home);

        ShouldBeSilent("Get-AgbContext -Name zz");
        Directory.EnumerateFileSystemEntries(home).ShouldBeEmpty();
    }

    [Fact]
    public void The_cloud_is_not_asked()
    {
        using var value = new EnvironmentValue("AGB_API_KEY", "key");

        ShouldBeSilent("Get-AgbContext -Name zz");
    }

    [Theory]
    [InlineData("Get-AgbSession -SessionId zz")]
    [InlineData("Get-AgbContext -Name zz")]
    [InlineData("New-AgbSession -ImageId zz")]
    [InlineData("New-AgbSession -Context nothing -Path /zz")]
    [InlineData("Sync-AgbContext -Path /zz")]
    [InlineData("Get-AgbSession -Label zz")]
    public void A_home_that_is_no_store_is_passed_over(string line)
    {
        File.WriteAllText(Path.Combine(Folder, "catalog.db"), "not a database");
        using var value = new EnvironmentValue("AGB_HOME", Folder);

        ShouldBeSilent(line);
    }

    private void ShouldBeSilent(string line)
    {
        Complete(line).ShouldBeEmpty();
        Run("$Error").ShouldBeEmpty();
    }
}
