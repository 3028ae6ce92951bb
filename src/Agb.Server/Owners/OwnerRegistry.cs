using System.Collections.Concurrent;
using Agb.Server.Hosting;
using Agb.Server.Load;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Agb.Server.Owners;

/// <summary>The owners of a server. Each has a directory below <c>owners</c>, opened when it is first needed.</summary>
internal sealed partial class OwnerRegistry : BackgroundService
{
    /// <summary>The owner of the key that was given on the command line.</summary>
    internal const string FixedOwnerId = "default";

    private static readonly TimeSpan s_cleanEvery = TimeSpan.FromSeconds(60);

    private readonly ServerOptions _options;
    private readonly ApiKeyFile _keys;
    private readonly ApiKey? _fixedKey;
    private readonly ILogger<OwnerRegistry> _logger;
    private readonly ConcurrentDictionary<string, Lazy<Owner>> _owners = new(StringComparer.Ordinal);

    internal OwnerRegistry(ServerOptions options, ApiKeyFile keys, ILogger<OwnerRegistry> logger)
    {
        _options = options;
        _keys = keys;
        _logger = logger;
        _fixedKey = options.FixedApiKey is { } key
            ? new ApiKey("--api-key", FixedOwnerId, ApiKey.HashOf(key), options.TimeProvider.GetUtcNow())
            : null;
    }

    /// <summary>The directory of an owner's service.</summary>
    internal static string DirectoryOf(string dataDirectory, string ownerId) => Path.Combine(dataDirectory, "owners", ownerId);

    /// <summary>The owner of a key, or null when it is not known.</summary>
    internal Owner? FindByKey(ReadOnlySpan<byte> hash)
    {
        var entry = _keys.Find(hash);
        if (_fixedKey is not null && _fixedKey.Matches(hash))
        {
            entry = _fixedKey;
        }
        return entry is not null ? Open(entry.OwnerId) : null;
    }

    /// <summary>The owner of an id that was signed by this server, or null when none of its keys is left.</summary>
    internal Owner? Find(string ownerId) =>
        ownerId == _fixedKey?.OwnerId || _keys.List().Any(k => k.OwnerId == ownerId) ? Open(ownerId) : null;

    /// <summary>Every owner that may have sessions, but for those whose store can't be opened: the log tells of them by and by.</summary>
    internal IReadOnlyList<Owner> All() => [.. StoredOwners().Union(_owners.Keys, StringComparer.Ordinal).Select(TryOpen).OfType<Owner>()];

    /// <summary>Opens the store of each owner, or of the first key's where there is none yet, and reads it. One that can't be opened does not
    /// keep the others from theirs.</summary>
    /// <exception cref="AgbException">What the first of them says, when none can be opened.</exception>
    internal async Task RequireStoreAsync(CancellationToken cancellationToken)
    {
        var owners = StoredOwners() is { Length: > 0 } stored ? stored : FirstOwner();
        AgbException? failure = null;
        foreach (var id in owners)
        {
            try
            {
                await Open(id).Service.ListContextsAsync(cancellationToken).AnyAsync(cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogNotOpened(id, e);
                failure ??= e as AgbException ?? new AgbException(
                    AgbErrorIds.ServiceNotAvailable, AgbErrorKind.Failed, $"The store of the owner '{id}' can't be opened: {Innermost(e).Message}",
                    "A file of the program may be missing: install it again.", id, e);
            }
        }
        if (failure is not null)
        {
            throw failure;
        }
    }

    /// <summary>Waits until no session is being released.</summary>
    internal Task WaitForReleasesAsync() =>
        Task.WhenAll(_owners.Values.Where(o => o.IsValueCreated).Select(o => o.Value.Releases.WaitAsync()));

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        // Together: each lets what it does beside the calls end.
        Parallel.ForEach(_owners.Values.Where(o => o.IsValueCreated), owner => owner.Value.Dispose());
        // The container holds this object twice, as itself and as a service that runs.
        _owners.Clear();
    }

    /// <summary>Opens the owners that have a store, so that sessions which are due are released although nobody calls, and removes
    /// now and then what the server kept of sessions that are gone.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var timer = new PeriodicTimer(s_cleanEvery, _options.TimeProvider);
        do
        {
            foreach (var id in StoredOwners())
            {
                await CleanAsync(id, stoppingToken).ConfigureAwait(false);
            }
        }
        while (await NextAsync(timer, stoppingToken).ConfigureAwait(false));
    }

    private static async Task<bool> NextAsync(PeriodicTimer timer, CancellationToken stoppingToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private string[] FirstOwner() => _fixedKey is { } key ? [key.OwnerId] : [.. _keys.List().Select(k => k.OwnerId).Take(1)];

    // A library that is missing is told of by an initializer that fails, in an initializer that fails.
    private static Exception Innermost(Exception e)
    {
        while (e is TypeInitializationException or System.Reflection.TargetInvocationException && e.InnerException is { } inner)
        {
            e = inner;
        }
        return e;
    }

    private string[] StoredOwners()
    {
        try
        {
            return
            [
                .. _keys.List().Select(k => k.OwnerId).Append(_fixedKey?.OwnerId).OfType<string>().Distinct(StringComparer.Ordinal)
                    .Where(i => Directory.Exists(DirectoryOf(_options.DataDirectory, i))),
            ];
        }
        catch (Exception e) when (e is AgbException or IOException or UnauthorizedAccessException)
        {
            // An error here would end the whole server; calls tell of it to whoever makes them.
            LogNoKeys(e);
            return [];
        }
    }

    private async Task CleanAsync(string ownerId, CancellationToken cancellationToken)
    {
        try
        {
            var owner = Open(ownerId);
            // Before the sessions are listed: one that is created after that is none of these.
            string[] kept = [.. owner.Notes.Sessions(), .. owner.Transfers.Sessions()];
            var live = await owner.Service.ListSessionsAsync(cancellationToken: cancellationToken)
                .Select(s => s.SessionId).ToHashSetAsync(StringComparer.Ordinal, cancellationToken).ConfigureAwait(false);
            foreach (var gone in kept.Where(s => !live.Contains(s)))
            {
                owner.Forget(gone);
                owner.Transfers.Remove(gone);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The server stops.
        }
        catch (Exception e)
        {
            LogNotCleaned(ownerId, e);
        }
    }

    private Owner? TryOpen(string ownerId)
    {
        try
        {
            return Open(ownerId);
        }
        catch (Exception e) when (e is AgbException or IOException or UnauthorizedAccessException)
        {
            LogNotCleaned(ownerId, e);
            return null;
        }
    }

    private Owner Open(string ownerId) => _owners.GetOrAdd(ownerId, id => new Lazy<Owner>(() => Create(id))).Value;

    private Owner Create(string ownerId)
    {
        try
        {
            var directory = DirectoryOf(_options.DataDirectory, ownerId);
            PrivateFile.MakeDirectory(Path.GetDirectoryName(directory)!);
            var notes = new SessionNotes(Path.Combine(_options.DataDirectory, "sessions", ownerId), _logger);
            PrivateFile.MakeDirectory(Path.Combine(_options.DataDirectory, "sessions"));
            return new Owner(ownerId, _options.Open(directory, (doing, failure) => LogBackground(ownerId, doing, failure)), notes, new SessionCount(), _options.TimeProvider, _logger);
        }
        catch
        {
            // A Lazy would keep the error for good; the next call shall try again.
            _owners.TryRemove(ownerId, out _);
            throw;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The keys can't be read; the sessions of their owners are not looked after until they can.")]
    private partial void LogNoKeys(Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "The store of the owner {OwnerId} can't be opened.")]
    private partial void LogNotOpened(string ownerId, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Something of the owner {OwnerId} failed beside the calls and will be tried again: {Doing}.")]
    private partial void LogBackground(string ownerId, string doing, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Looking after the sessions of the owner {OwnerId} failed and will be tried again.")]
    private partial void LogNotCleaned(string ownerId, Exception exception);
}
