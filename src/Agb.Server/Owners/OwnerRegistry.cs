using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Agb.Server;

/// <summary>The owners of a server. Each has a directory below <c>owners</c>, opened on first use.</summary>
internal sealed class OwnerRegistry(ServerOptions options, ApiKeyFile keys, ILoggerFactory loggers) : BackgroundService
{
    /// <summary>The owner of the key from the command line.</summary>
    internal const string FixedOwnerId = "default";

    private static readonly TimeSpan s_cleanEvery = TimeSpan.FromSeconds(60);

    private readonly ApiKey? _fixedKey = options.FixedApiKey is { } key
        ? new ApiKey("--api-key", FixedOwnerId, ApiKey.HashOf(key), options.TimeProvider.GetUtcNow())
        : null;

    private readonly ILogger<OwnerRegistry> _logger = loggers.CreateLogger<OwnerRegistry>();
    private readonly ConcurrentDictionary<string, Lazy<Owner>> _owners = new(StringComparer.Ordinal);

    /// <summary>The directory of an owner's service.</summary>
    internal static string DirectoryOf(string dataDirectory, string ownerId) => Path.Combine(dataDirectory, "owners", ownerId);

    /// <summary>The owner of a key; null for an unknown key.</summary>
    internal Owner? FindByKey(ReadOnlySpan<byte> hash)
    {
        var entry = keys.Find(hash);
        if (_fixedKey is not null && _fixedKey.Matches(hash))
        {
            entry = _fixedKey;
        }
        return entry is not null ? Open(entry.OwnerId) : null;
    }

    /// <summary>The owner of an id signed by this server; null without a remaining key.</summary>
    internal Owner? Find(string ownerId) =>
        ownerId == _fixedKey?.OwnerId || keys.List().Any(k => k.OwnerId == ownerId) ? Open(ownerId) : null;

    /// <summary>Every owner that may have sessions, except for owners with an unusable store: the log reports them
    /// later.</summary>
    internal IReadOnlyList<Owner> All() => [.. StoredOwners().Union(_owners.Keys, StringComparer.Ordinal).Select(TryOpen).OfType<Owner>()];

    /// <summary>Opens and reads the owners' stores until one succeeds; without any store yet, the store of the first key. An
    /// unusable store does not block the others.</summary>
    /// <exception cref="AgbException">The error of the first store, if no store can be opened.</exception>
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
                _logger.StoreNotOpened(id, e);
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

    /// <summary>Waits for the end of all releases.</summary>
    internal Task WaitForReleasesAsync() =>
        Task.WhenAll(_owners.Values.Where(o => o.IsValueCreated).Select(o => o.Value.Releases.WaitAsync()));

    private bool HasRoomToPrepare(string ownerId)
    {
        var owners = _owners.Values.Where(o => o.IsValueCreated).Select(o => o.Value).ToArray();
        static int Taken(Owner owner) => owner.Count.Value + owner.Prepared;
        return options.Load.HasRoomFor(owners.Where(o => o.Id == ownerId).Sum(Taken), owners.Sum(Taken));
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        // In parallel: each waits for the end of its background work.
        Parallel.ForEach(_owners.Values.Where(o => o.IsValueCreated), owner => owner.Value.Dispose());
        // The container holds this object twice, as itself and as a hosted service.
        _owners.Clear();
    }

    /// <summary>Opens the owners with a store, so due sessions are released even without calls. Regularly removes the server's
    /// data about missing sessions.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var timer = new PeriodicTimer(s_cleanEvery, options.TimeProvider);
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

    private string[] FirstOwner() => _fixedKey is { } key ? [key.OwnerId] : [.. keys.List().Select(k => k.OwnerId).Take(1)];

    // A missing library appears as a failed type initializer inside a failed type initializer.
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
                .. keys.List().Select(k => k.OwnerId).Append(_fixedKey?.OwnerId).OfType<string>().Distinct(StringComparer.Ordinal)
                    .Where(i => Directory.Exists(DirectoryOf(options.DataDirectory, i))),
            ];
        }
        catch (Exception e) when (e is AgbException or IOException or UnauthorizedAccessException)
        {
            // An error here would end the whole server; the calls report it to their clients.
            _logger.KeysNotRead(e);
            return [];
        }
    }

    private async Task CleanAsync(string ownerId, CancellationToken cancellationToken)
    {
        try
        {
            var owner = Open(ownerId);
            // Before the list of sessions, so a session created in between is not in it.
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
            _logger.OwnerNotCleaned(ownerId, e);
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
            _logger.OwnerNotCleaned(ownerId, e);
            return null;
        }
    }

    private Owner Open(string ownerId) => _owners.GetOrAdd(ownerId, id => new Lazy<Owner>(() => Create(id))).Value;

    private Owner Create(string ownerId)
    {
        try
        {
            var directory = DirectoryOf(options.DataDirectory, ownerId);
            PrivateFile.MakeDirectory(Path.GetDirectoryName(directory)!);
            var notes = new SessionMetadata(Path.Combine(options.DataDirectory, "sessions", ownerId), _logger);
            PrivateFile.MakeDirectory(Path.Combine(options.DataDirectory, "sessions"));
            var service = options.Open(directory, new OwnerLoggerFactory(loggers, ownerId), () => HasRoomToPrepare(ownerId));
            return new Owner(ownerId, service, notes, new SessionCount(), options.TimeProvider, _logger);
        }
        catch
        {
            // A Lazy would keep the error for good; the next call must try again.
            _owners.TryRemove(ownerId, out _);
            throw;
        }
    }
}
