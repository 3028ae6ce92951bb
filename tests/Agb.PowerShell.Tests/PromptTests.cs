using Agb.PowerShell.TestService;
using Shell = System.Management.Automation.PowerShell;

namespace Agb.PowerShell.Tests;

/// <summary>Questions of cmdlets and their answers.</summary>
public sealed class PromptTests
{
    private readonly MemoryService _service = new();

    [Theory]
    [InlineData("&Yes", "Remove-AgbContext store -Connection $connection", 1, 1)]
    [InlineData("&No", "Remove-AgbContext store -Connection $connection", 1, 0)]
    [InlineData("&Yes", "Remove-AgbContext store, other -Connection $connection", 2, 2)]
    [InlineData("Yes to &All", "Remove-AgbContext store, other -Connection $connection", 1, 2)]
    [InlineData("No to A&ll", "Remove-AgbContext store, other -Connection $connection", 1, 0)]
    [InlineData("&No", "Clear-AgbContext store -Connection $connection", 0, 1)]
    [InlineData("&No", "Clear-AgbContext store -Connection $connection -Confirm", 1, 0)]
    public async Task An_answer_decides_on_the_change(string answer, string script, int questions, int changes)
    {
        foreach (var name in (string[])["store", "other"])
        {
            await _service.CreateContextAsync(name, cancellationToken: TestContext.Current.CancellationToken);
        }
        var host = new AnsweringHost(answer);
        using var runspace = ModuleRunspace.Open(host);
        runspace.SessionStateProxy.SetVariable("connection", new AgbConnection(_service));
        using var shell = Shell.Create(runspace);

        shell.AddScript(script).Invoke();

        shell.Streams.Error.ShouldBeEmpty();
        host.Questions.Count.ShouldBe(questions);
        host.Questions.ShouldAllBe(q => q.Contains("'store'") || q.Contains("'other'"));
        _service.Calls.Count(c => c.StartsWith("Remove") || c.StartsWith("Clear")).ShouldBe(changes);
    }
}
