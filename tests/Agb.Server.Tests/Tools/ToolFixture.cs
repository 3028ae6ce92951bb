using System.Text.Json;
using Agb.Server;

namespace Agb.Server.Tests.Tools;

/// <summary>One session of a real engine for the tests of a class.</summary>
public sealed class ToolFixture : IAsyncLifetime
{
    private readonly string _home = Path.Combine(Path.GetTempPath(), $"agb-tools-{Guid.NewGuid():n}");
    private EmbeddedService? _service;
    private AgbSession? _session;

    /// <summary>Why sessions can't run here, or null.</summary>
    public string? SkipReason { get; private set; }

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        SkipReason = await TestHost.WhyNotAsync(_home);
        if (SkipReason is not null)
        {
            return;
        }
        _service = EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = _home });
        _session = await _service.CreateSessionAsync(new AgbSessionRequest());
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_service is not null && _session is not null)
        {
            await _service.RemoveSessionAsync(_session, AgbReleaseMode.Discard);
        }
        _service?.Dispose();
        if (Directory.Exists(_home))
        {
            Directory.Delete(_home, recursive: true);
        }
    }

    /// <summary>Calls a tool with the arguments of a JSON text.</summary>
    internal async Task<ToolResult> CallAsync(string tool, string arguments)
    {
        using var json = JsonDocument.Parse(arguments);
        return await StandardTools.Create().Find(tool)!.CallAsync(
            new ToolCall(_service!, _session!.SessionId, json.RootElement), TestContext.Current.CancellationToken);
    }
}

/// <summary>A test of tools.</summary>
[Collection(nameof(ToolFixture))]
public abstract class ToolTest(ToolFixture fixture)
{
    /// <summary>Calls a tool that must succeed.</summary>
    protected async Task<string> CallAsync(string tool, object arguments)
    {
        var result = await AskAsync(tool, JsonSerializer.Serialize(arguments));
        result.IsError.ShouldBeFalse(result.Text);
        return result.Text;
    }

    /// <summary>Calls a tool that must fail.</summary>
    protected async Task<string> FailsAsync(string tool, object arguments)
    {
        var result = await AskAsync(tool, JsonSerializer.Serialize(arguments));
        result.IsError.ShouldBeTrue(result.Text);
        return result.Text;
    }

    /// <summary>Calls a tool with the arguments of a JSON text.</summary>
    private protected Task<ToolResult> AskAsync(string tool, string arguments)
    {
        Assert.SkipWhen(fixture.SkipReason is not null, fixture.SkipReason ?? "");
        return fixture.CallAsync(tool, arguments);
    }

    /// <summary>Runs a shell command that must succeed, and returns what it wrote.</summary>
    protected async Task<string> ShellAsync(string command)
    {
        using var json = JsonDocument.Parse(await CallAsync("shell", new { command }));
        json.RootElement.GetProperty("exit_code").GetInt32().ShouldBe(0, json.RootElement.ToString());
        return json.RootElement.GetProperty("stdout").GetString()!;
    }

    /// <summary>A directory of the test's own in the session.</summary>
    protected async Task<string> NewDirectoryAsync()
    {
        var path = $"/tmp/{Guid.NewGuid():n}";
        await CallAsync("create_directory", new { path });
        return path;
    }
}

/// <summary>The tests of tools share one session.</summary>
[CollectionDefinition(nameof(ToolFixture))]
public sealed class ToolCollection : ICollectionFixture<ToolFixture>;
