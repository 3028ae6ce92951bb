using System.Collections.Concurrent;

namespace Agb.Conformance;

/// <summary>Base class for tests of a service. Its sessions and contexts are removed at the end, also after a failure.</summary>
public abstract class ServiceTest : IAsyncLifetime
{
    /// <summary>The longest wait for an expected event.</summary>
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private ServiceFixture? _fixture;
    private readonly ConcurrentQueue<string> _sessions = [];
    private readonly ConcurrentQueue<string> _contexts = [];

    /// <summary>The service under test.</summary>
    protected IAgbService Service => Fixture.Service;

    /// <summary>The fixture of the service, from the start of the test on.</summary>
    protected ServiceFixture Fixture => _fixture ?? throw new InvalidOperationException("The test has not started.");

    /// <summary>Cancelled with the test run.</summary>
    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <inheritdoc/>
    public virtual async ValueTask InitializeAsync()
    {
        var testClass = (ServiceTestClass)TestContext.Current.TestClass!;
        _fixture = (ServiceFixture)(await TestContext.Current.GetFixture(testClass.Fixture))!;
        Assert.SkipWhen(Fixture.SkipReason is not null, Fixture.SkipReason ?? "");
    }

    /// <inheritdoc/>
    public virtual async ValueTask DisposeAsync()
    {
        var failures = new List<Exception>();
        foreach (var session in _sessions)
        {
            await CleanAsync(() => Service.RemoveSessionAsync(new SessionId(session), AgbReleaseMode.Discard), AgbErrorIds.SessionNotFound, failures);
        }
        foreach (var context in _contexts)
        {
            await CleanAsync(() => Service.RemoveContextAsync(new ContextId(context)), AgbErrorIds.ContextNotFound, failures);
        }
        GC.SuppressFinalize(this);
        if (failures.Count > 0)
        {
            throw new AggregateException("The cleanup after the test failed.", failures);
        }
    }

    /// <summary>A name unique to one test.</summary>
    protected static string UniqueName() => $"conformance-{Guid.NewGuid():n}";

    /// <summary>Creates a context with a unique name.</summary>
    protected Task<AgbContext> NewContextAsync() => CreateContextAsync(UniqueName());

    /// <summary>Creates a context.</summary>
    protected async Task<AgbContext> CreateContextAsync(string name, bool getExisting = false)
    {
        var context = await Service.CreateContextAsync(name, getExisting, Token);
        _contexts.Enqueue(context.Id);
        return context;
    }

    /// <summary>Creates a session with the default image.</summary>
    protected Task<AgbSession> StartAsync(params AgbContextSync[] syncs) => StartAsync(new AgbSessionRequest { ContextSyncs = syncs });

    /// <summary>Creates a session.</summary>
    protected async Task<AgbSession> StartAsync(AgbSessionRequest request)
    {
        var session = await Service.CreateSessionAsync(request, Token);
        _sessions.Enqueue(session.SessionId);
        return session;
    }

    /// <summary>Runs a command, successful or not.</summary>
    protected Task<AgbCommandResult> RunAsync(AgbSession session, string command) =>
        Service.RunCommandAsync(session, new AgbCommandRequest { Command = command }, Token);

    /// <summary>Runs a command and requires success.</summary>
    /// <returns>Its stdout without the last newline.</returns>
    protected async Task<string> ShellAsync(AgbSession session, string command, string? directory = null)
    {
        var result = await Service.RunCommandAsync(
            session, new AgbCommandRequest { Command = command, WorkingDirectory = directory }, Token);
        result.Success.ShouldBeTrue($"exit code {result.ExitCode} of: {command}\n{result.Output}");
        return result.Stdout.TrimEnd('\n');
    }

    /// <summary>Uploads every mount of a session and requires success.</summary>
    /// <returns>The upload task of the only mount, or of the mount at a path.</returns>
    protected Task<AgbSyncStatus> UploadAsync(AgbSession session, string? path = null) => SyncAsync(session, AgbSyncTaskType.Upload, path);

    /// <summary>Downloads into every mount of a session and requires success.</summary>
    protected Task<AgbSyncStatus> DownloadAsync(AgbSession session, string? path = null) => SyncAsync(session, AgbSyncTaskType.Download, path);

    /// <summary>Releases a session according to its policies.</summary>
    protected Task ReleaseAsync(AgbSession session) => Service.RemoveSessionAsync(session, cancellationToken: Token);

    /// <summary>Stores a session's data by an explicit upload or on release, and releases the session.</summary>
    protected async Task StoreAsync(AgbSession session, bool onRelease)
    {
        if (!onRelease)
        {
            await UploadAsync(session);
        }
        await Service.RemoveSessionAsync(session, !onRelease ? AgbReleaseMode.Discard : AgbReleaseMode.Policy, cancellationToken: Token);
    }

    /// <summary>Fills a context with a command in a new session.</summary>
    protected async Task FillAsync(AgbContext context, string path, string command)
    {
        var session = await StartAsync(context.At(path));
        await ShellAsync(session, command, path);
        await ReleaseAsync(session);
    }

    /// <summary>Runs a command at a context's path in a new session.</summary>
    /// <returns>The command's stdout without the last newline.</returns>
    protected async Task<string> AskAsync(AgbContext context, string path, string command)
    {
        var session = await StartAsync(context.At(path));
        var answer = await ShellAsync(session, command, path);
        await Service.RemoveSessionAsync(session, AgbReleaseMode.Discard, cancellationToken: Token);
        return answer;
    }

    /// <summary>The content of a context below a path, in the form of <see cref="TreeAsync"/>.</summary>
    protected async Task<string[]> StoredAsync(AgbContext context, string path) => Lines(await AskAsync(context, path, Shell.Tree));

    /// <summary>The tree at a path of a session: one line each, "d/" for a directory, "f=content" for a file, "l->target" for a
    /// symlink, sorted by bytes.</summary>
    protected async Task<string[]> TreeAsync(AgbSession session, string path) => Lines(await ShellAsync(session, Shell.Tree, path));

    /// <summary>All versions of a context, newest first.</summary>
    protected async Task<List<AgbContextVersion>> VersionsAsync(AgbContext context) =>
        await Service.ListContextVersionsAsync(context, Token).ToListAsync(Token);

    /// <summary>Asserts that a call is refused and changes nothing.</summary>
    protected async Task<AgbException> RefusesAsync(string errorId, Func<Task> call)
    {
        var before = await StateAsync();
        var error = await FailsAsync(errorId, call);
        (await StateAsync()).ShouldBe(before);
        return error;
    }

    /// <summary>Asserts that a session is refused and nothing changes.</summary>
    protected Task<AgbException> RefusesSessionAsync(string errorId, AgbSessionRequest request) =>
        RefusesAsync(errorId, () => StartAsync(request));

    /// <summary>Asserts that a session is refused and nothing changes.</summary>
    protected Task<AgbException> RefusesSessionAsync(string errorId, params AgbContextSync[] syncs) =>
        RefusesAsync(errorId, () => StartAsync(syncs));

    /// <summary>Asserts that a call fails with a stable id.</summary>
    protected static async Task<AgbException> FailsAsync(string errorId, Func<Task> call)
    {
        var error = await Should.ThrowAsync<AgbException>(async () => await call());
        error.ErrorId.ShouldBe(errorId, error.Message);
        return error;
    }

    /// <summary>The service's internal state outside its contract, such as files.</summary>
    protected IReadOnlyList<string> Kept() => Fixture.Inventory();

    /// <summary>Another instance of the same service.</summary>
    protected Task<IAgbService> OpenAnotherAsync() => Fixture.OpenAnotherAsync();

    /// <summary>Registers a session created by the test itself, for removal at the end.</summary>
    protected void Track(AgbSession session) => _sessions.Enqueue(session.SessionId);

    private async Task<AgbSyncStatus> SyncAsync(AgbSession session, AgbSyncTaskType mode, string? path)
    {
        await Service.StartSyncAsync(session, new AgbSyncRequest { Mode = mode, Path = path }, Token);
        var tasks = (await Service.WaitSyncAsync(session, Patience, path: path, cancellationToken: Token))
            .Where(t => t.TaskType == mode).ToArray();
        tasks.ShouldNotBeEmpty();
        foreach (var task in tasks)
        {
            task.Status.ShouldBe(AgbSyncTaskStatus.Success, task.ErrorMessage);
        }
        return tasks[0];
    }

    private async Task<string[]> StateAsync()
    {
        var lines = new List<string>();
        await foreach (var context in Service.ListContextsAsync(Token))
        {
            lines.Add($"{context.Id} {context.Name} {context.State} {context.CreatedAt:O} {context.LastUsedAt:O}");
            await foreach (var version in Service.ListContextVersionsAsync(context, Token))
            {
                lines.Add($"{context.Id} version {version.Version}");
            }
        }
        await foreach (var session in Service.ListSessionsAsync(null, Token))
        {
            lines.Add($"{session.SessionId} {session.Status}");
        }
        return [.. lines, .. Fixture.Inventory()];
    }

    private static string[] Lines(string text) => text.Length == 0 ? [] : text.Split('\n');

    private static async Task CleanAsync(Func<Task> remove, string goneId, List<Exception> failures)
    {
        try
        {
            await remove();
        }
        catch (AgbException e) when (e.ErrorId == goneId || e.ErrorId == AgbErrorIds.SessionExpired)
        {
            // Already removed by the test, or expired.
        }
        catch (AgbException e)
        {
            failures.Add(e);
        }
    }
}
