using Agb.Conformance;

namespace Agb.Engine.Tests.Conformance;

/// <summary>A test of the embedded service alone, with a home directory of its own. Whatever it leaves is removed.</summary>
public abstract class EngineTest : IAsyncLifetime
{
    private readonly List<EmbeddedService> _services = [];

    /// <summary>The home directory.</summary>
    protected TemporaryHome Home { get; private protected set; } = new();

    /// <summary>Ends when the test run is cancelled.</summary>
    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <inheritdoc/>
    public virtual async ValueTask InitializeAsync()
    {
        if (await Home.WhyNotAsync(needsOverlay: false) is { } reason)
        {
            Home.Delete();
            Assert.Skip(reason);
        }
    }

    /// <inheritdoc/>
    public virtual async ValueTask DisposeAsync()
    {
        try
        {
            foreach (var service in _services.Take(1))
            {
                await foreach (var session in service.ListSessionsAsync())
                {
                    await service.RemoveSessionAsync(session, AgbReleaseMode.Discard);
                }
            }
        }
        finally
        {
            _services.ForEach(s => s.Dispose());
            await LeftSandboxes.EndAsync(Home.Root);
            Home.Delete();
        }
        GC.SuppressFinalize(this);
    }

    /// <summary>Opens the service on the home directory.</summary>
    protected EmbeddedService Open(TimeProvider? time = null, MountKind kind = MountKind.Auto)
    {
        var service = EmbeddedService.Open(new EmbeddedOptions
        {
            HomeDirectory = Home.Path,
            MountKind = kind,
            TimeProvider = time ?? TimeProvider.System,
        });
        _services.Add(service);
        return service;
    }

    /// <summary>Runs a command that must succeed.</summary>
    /// <returns>Its stdout without the last newline.</returns>
    protected static async Task<string> ShellAsync(IAgbService service, AgbSession session, string command)
    {
        var result = await service.RunCommandAsync(session, new AgbCommandRequest { Command = command }, Token);
        result.Success.ShouldBeTrue($"exit code {result.ExitCode} of: {command}\n{result.Output}");
        return result.Stdout.TrimEnd('\n');
    }

    /// <summary>Asks a new session what a context holds under a path.</summary>
    protected static async Task<string> AskAsync(IAgbService service, AgbContext context, string path, string command)
    {
        var session = await service.CreateSessionAsync(new AgbSessionRequest { ContextSyncs = [context.At(path)] }, Token);
        var answer = await ShellAsync(service, session, $"cd {path} && {command}");
        await service.RemoveSessionAsync(session, AgbReleaseMode.Discard, cancellationToken: Token);
        return answer;
    }

    /// <summary>Creates a session that mounts one context.</summary>
    protected static Task<AgbSession> MountAsync(IAgbService service, AgbContext context, string path) =>
        service.CreateSessionAsync(new AgbSessionRequest { ContextSyncs = [context.At(path)] }, Token);

    /// <summary>Stores something in a context by a session of its own.</summary>
    protected static async Task FillAsync(IAgbService service, AgbContext context, string path, string command)
    {
        var session = await MountAsync(service, context, path);
        await ShellAsync(service, session, $"cd {path} && {command}");
        await service.RemoveSessionAsync(session, cancellationToken: Token);
    }

    /// <summary>Asserts that a call fails with a stable id.</summary>
    protected static async Task<AgbException> FailsAsync(string errorId, Func<Task> call)
    {
        var error = await Should.ThrowAsync<AgbException>(async () => await call());
        error.ErrorId.ShouldBe(errorId, error.Message);
        return error;
    }

    /// <summary>The path of a file in the home directory.</summary>
    protected string InHome(string name) => Path.Combine(Home.Path, name);
}
