namespace Agb.PowerShell.Tests;

/// <summary>Names, versions and content of contexts.</summary>
public sealed class ContextChangeTests : CmdletTest
{
    private readonly AgbContext _context;

    public ContextChangeTests(ModuleRunspace module)
        : base(module)
    {
        _context = One<AgbContext>("New-AgbContext store -Connection $connection");
        Set("context", _context);
    }

    [Theory]
    [InlineData("$context | Rename-AgbContext -NewName other")]
    [InlineData("Rename-AgbContext store other -Connection $connection")]
    [InlineData("[pscustomobject]@{ ContextId = $context.Id; NewName = 'other' } | Rename-AgbContext -Connection $connection")]
    public void A_context_is_renamed(string script)
    {
        var renamed = One<AgbContext>(script);

        (renamed.Name, renamed.Id).ShouldBe(("other", _context.Id));
        One<AgbContext>("Get-AgbContext other -Connection $connection").Id.ShouldBe(_context.Id);
    }

    [Fact]
    public void A_name_that_is_taken_or_blank_is_refused()
    {
        Run("New-AgbContext taken -Connection $connection");

        ErrorIdOf("$context | Rename-AgbContext -NewName taken").ShouldBe(AgbErrorIds.ContextAlreadyExists);
        ErrorIdOf("$context | Rename-AgbContext -NewName ' '").ShouldBe(AgbErrorIds.InvalidContextName);
    }

    [Fact]
    public void A_cleared_context_keeps_its_versions()
    {
        Store(_context, "/data/a", "a");

        One<AgbContext>("$context | Clear-AgbContext").Id.ShouldBe(_context.Id);

        Run("Get-AgbContextFile $context").ShouldBeEmpty();
        Texts("(Get-AgbContextVersion $context).Origin").ShouldBe(["Clear", "Upload"]);
        Texts("($context | Clear-AgbContext -NoWait).State").ShouldBe(["Clearing"]);
    }

    [Fact]
    public void Versions_are_listed_newest_first_and_found_by_number()
    {
        StoreThreeVersions();

        Texts("($context | Get-AgbContextVersion).Version").ShouldBe(["3", "2", "1"]);
        Texts("(Get-AgbContextVersion $context -Version 1, 3).Version").ShouldBe(["3", "1"]);
        ErrorIdOf("Get-AgbContextVersion $context -Version 9").ShouldBe(AgbErrorIds.VersionNotFound);
    }

    [Theory]
    [InlineData("$context | Restore-AgbContext -Version 1")]
    [InlineData("Get-AgbContextVersion $context 1 | Restore-AgbContext")]
    public void A_version_is_restored_as_a_new_one(string script)
    {
        StoreThreeVersions();

        var version = One<AgbContextVersion>(script);

        (version.Version, version.Origin).ShouldBe((4, AgbVersionOrigin.Restore));
        Texts("(Get-AgbContextFile $context /data).Path").ShouldBe(["/data/a"]);
    }

    [Fact]
    public void A_version_that_is_missing_is_an_error()
    {
        StoreThreeVersions();

        ErrorIdOf("$context | Restore-AgbContext -Version 9").ShouldBe(AgbErrorIds.VersionNotFound);
    }

    [Theory]
    [InlineData("$context | Rename-AgbContext -NewName other -WhatIf")]
    [InlineData("$context | Clear-AgbContext -WhatIf")]
    [InlineData("$context | Restore-AgbContext -Version 1 -WhatIf")]
    [InlineData("Send-AgbContextFile $context $folder/source /data -WhatIf")]
    [InlineData("Remove-AgbContextFile $context /data/a -WhatIf")]
    [InlineData("Receive-AgbContextFile $context /data/a $folder/never -WhatIf")]
    public void Nothing_changes_with_WhatIf(string script)
    {
        Store(_context, "/data/a", "a");
        File.WriteAllText(Path.Combine(Folder, "source"), "x");
        Service.Calls.Clear();

        Run(script).ShouldBeEmpty();

        string[] changes = ["Rename", "Clear", "Restore", "Change", "Open", "Set", "Keep"];
        Calls.ShouldNotContain(c => changes.Any(c.StartsWith));
        File.Exists(Path.Combine(Folder, "never")).ShouldBeFalse();
    }

    private void StoreThreeVersions()
    {
        Store(_context, "/data/a", "one");
        Store(_context, "/data/a", "two!");
        Store(_context, "/data/b", "new");
    }
}
