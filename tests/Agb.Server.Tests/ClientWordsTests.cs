using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Agb.Server;
using Agb.Server.Tests.Support;

namespace Agb.Server.Tests;

/// <summary>Advice to clients names no cmdlets: they speak HTTP or MCP.</summary>
public sealed partial class ClientWordsTests
{
    [Theory]
    [InlineData("List the contexts with Get-AgbContext, or create one with New-AgbContext.", "List the contexts, or create one.")]
    [InlineData("Choose another name, or use the existing one: New-AgbContext -GetExisting, or Get-AgbContext.", "Choose another name, or use the existing one.")]
    [InlineData("Create a new session with New-AgbSession and a higher -MemoryLimit; the contexts keep the uploaded data.", "Create a new session; the contexts keep the uploaded data.")]
    [InlineData("Create another session with New-AgbSession, with a longer -MaxLifetimeSeconds or -IdleTimeoutSeconds.", "Create another session.")]
    [InlineData("Test-AgbHost shows what this host can do.", null)]
    [InlineData("Give a path without .. in it; use the one-word form, such as /home/x-Y.", "Give a path without .. in it; use the one-word form, such as /home/x-Y.")]
    [InlineData("Wait with the next call.", "Wait with the next call.")]
    [InlineData(null, null)]
    public void The_cmdlets_go_and_the_advice_stays(string? advice, string? left) => ClientWords.Of(advice).ShouldBe(left);

    [Fact]
    public void No_text_of_the_sources_names_a_cmdlet_afterwards()
    {
        var texts = new[] { "Agb.Core", "Agb.Linux", "Agb.Store", "Agb.Sandbox", "Agb.Engine", "Agb.Protocol", "Agb.Server" }
            .SelectMany(project => Directory.EnumerateFiles(Path.Combine(Sources(), project), "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.EndsWith("ClientWords.cs", StringComparison.Ordinal) && !file.Contains("/obj/", StringComparison.Ordinal))
            .SelectMany(File.ReadLines)
            .Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal))
            .SelectMany(line => Literal().Matches(line).Select(m => m.Groups[1].Value))
            .Where(text => Cmdlet().IsMatch(text))
            .ToArray();

        texts.Length.ShouldBeGreaterThan(5, "the sources are found");
        foreach (var text in texts)
        {
            Cmdlet().IsMatch(ClientWords.Of(text) ?? "").ShouldBeFalse(text);
        }
    }

    [Fact]
    public async Task A_context_that_does_not_exist_is_told_without_them()
    {
        await using var server = await TestServer.StartAsync();
        var envelope = await server.RefusesAsync(HttpMethod.Get, "/sdk/GetContext?name=nothing&allowCreate=false", null, AgbErrorIds.ContextNotFound);
        envelope.AgbError.ShouldNotBeNull().Remedy.ShouldBe("List the contexts, or create one.");
    }

    private static string Sources([CallerFilePath] string file = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "../../src"));

    [GeneratedRegex("\"((?:[^\"\\\\]|\\\\.)*)\"")]
    private static partial Regex Literal();

    [GeneratedRegex("\\b[A-Z][a-z]+-Agb[A-Z]")]
    private static partial Regex Cmdlet();
}
