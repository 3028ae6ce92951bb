using System.Management.Automation;

namespace Agb.PowerShell.Tests;

/// <summary>-WhatIf and -Confirm.</summary>
public sealed class ShouldProcessTests : CmdletTest
{
    public ShouldProcessTests(ModuleRunspace module)
        : base(module)
    {
        Set("context", One<AgbContext>("New-AgbContext store -Connection $connection"));
        Set("session", One<AgbSession>("$context | New-AgbSession -Path /home/data"));
        Service.Calls.Clear();
    }

    [Theory]
    [InlineData("New-AgbContext other -Connection $connection -WhatIf")]
    [InlineData("$context | Remove-AgbContext -WhatIf")]
    [InlineData("$context | New-AgbSession -WhatIf")]
    [InlineData("$session | Remove-AgbSession -WhatIf")]
    [InlineData("$session | Copy-AgbSession -WhatIf")]
    [InlineData("$session | Sync-AgbContext -WhatIf")]
    public void Nothing_changes_with_WhatIf(string script)
    {
        Run(script).ShouldBeEmpty();
        Calls.ShouldNotContain(c => c.StartsWith("Create") || c.StartsWith("Fork") || c.StartsWith("Remove") || c.StartsWith("Start"));
    }

    [Theory]
    [InlineData("Remove-AgbContext", ConfirmImpact.High)]
    [InlineData("Clear-AgbContext", ConfirmImpact.Medium)]
    [InlineData("Remove-AgbSession", ConfirmImpact.Medium)]
    public void Only_a_change_without_a_way_back_asks_by_default(string cmdlet, ConfirmImpact impact) =>
        One<CmdletInfo>("Get-Command " + cmdlet).ImplementingType.GetCustomAttributes(false).OfType<CmdletAttribute>().Single().ConfirmImpact.ShouldBe(impact);

    [Fact]
    public void The_parameters_that_answer_are_named_where_no_prompt_is_possible()
    {
        var record = ErrorOf("$context | Remove-AgbContext");

        IdOf(record).ShouldBe(AgbErrorIds.ConfirmationRequired);
        record.ErrorDetails.RecommendedAction.ShouldMatch(@"-Force.*-Confirm:\$false");
        Calls.ShouldNotContain(c => c.StartsWith("Remove"));
    }

    [Theory]
    [InlineData("$context | Remove-AgbContext -Force")]
    [InlineData("$context | Remove-AgbContext -Confirm:$false")]
    [InlineData("$ConfirmPreference = 'None'; $context | Remove-AgbContext")]
    public void No_question_is_asked_with(string script)
    {
        Run(script);
        Calls.ShouldContain("RemoveContext SdkCtx-0001");
    }

    [Fact]
    public void Exactly_the_cmdlets_that_change_state_have_it() =>
        Texts("(Get-Command -Module Agb | Where-Object { $_.Parameters.ContainsKey('WhatIf') }).Name | Sort-Object").ShouldBe([
            "Clear-AgbContext", "Close-AgbBrowserPage", "Copy-AgbItem", "Copy-AgbSession", "Dismount-AgbContext", "Mount-AgbContext", "New-AgbContext", "New-AgbServerKey", "New-AgbSession",
            "Open-AgbBrowserPage", "Receive-AgbContextFile", "Remove-AgbContext", "Remove-AgbContextFile", "Remove-AgbServerKey",
            "Remove-AgbSession", "Rename-AgbContext", "Restore-AgbContext", "Resume-AgbSession", "Save-AgbScreenshot", "Send-AgbContextFile", "Send-AgbKey",
            "Send-AgbMouse", "Set-AgbSession", "Set-AgbWindow", "Start-AgbApp", "Start-AgbBrowser", "Start-AgbServer", "Stop-AgbApp",
            "Stop-AgbBrowser", "Stop-AgbServer", "Suspend-AgbSession", "Switch-AgbContext", "Sync-AgbContext", "Use-AgbSession",
        ]);

    [Theory]
    [InlineData("Remove-AgbContext nope -WhatIf", AgbErrorIds.ContextNotFound)]
    [InlineData("New-AgbSession nope /x -WhatIf", AgbErrorIds.ContextNotFound)]
    [InlineData("Send-AgbContextFile nope source.txt -WhatIf", AgbErrorIds.ContextNotFound)]
    [InlineData("Remove-AgbSession s-nope -WhatIf", AgbErrorIds.SessionNotFound)]
    [InlineData("Suspend-AgbSession s-nope -WhatIf", AgbErrorIds.SessionNotFound)]
    [InlineData("Resume-AgbSession s-nope -WhatIf", AgbErrorIds.SessionNotFound)]
    [InlineData("Start-AgbBrowser -Session s-nope -WhatIf", AgbErrorIds.SessionNotFound)]
    [InlineData("Send-AgbKey x s-nope -WhatIf", AgbErrorIds.SessionNotFound)]
    public void A_missing_object_is_an_error_with_WhatIf_too(string script, string id)
    {
        UseConnection();
        Run("Set-Content source.txt x");

        ErrorIdOf(script).ShouldBe(id);
    }
}
