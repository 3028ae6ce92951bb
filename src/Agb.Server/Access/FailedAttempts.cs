using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace Agb.Server;

/// <summary>Counts failed attempts per address and minute: wrong keys, tokens and signatures. Above the limit, keys from the
/// address are refused until the end of the minute, except for keys already used from it: other clients behind a shared address
/// continue to work. Signatures are always checked: that needs no lookup, and no person chose them.</summary>
internal sealed class FailedAttempts(ServerOptions options, ILogger<FailedAttempts> logger)
{
    /// <summary>The most remembered addresses. Beyond it, the least recently used are forgotten.</summary>
    internal const int MostAddresses = 8192;

    private const int MostKeys = 8;

    private static readonly TimeSpan s_window = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<IPAddress, Record> _records = new();
    private readonly Lock _forgetting = new();

    /// <summary>The number of remembered addresses.</summary>
    internal int Addresses => _records.Count;

    /// <summary>Refuses a key not yet accepted from an address above its limit, before any lookup.</summary>
    /// <exception cref="AgbException">TooManyRequests.</exception>
    internal void Require(HttpContext context, byte[] keyHash)
    {
        if (options.FailedAttemptsPerMinute > 0 && _records.TryGetValue(AddressOf(context), out var record)
            && record.Left(Now, options.FailedAttemptsPerMinute) is { } left && !record.Knows(keyHash))
        {
            throw Refuse(context, left);
        }
    }

    /// <summary>Records a valid key.</summary>
    internal void Succeeded(HttpContext context, byte[] keyHash)
    {
        if (options.FailedAttemptsPerMinute > 0)
        {
            RecordOf(AddressOf(context)).Learn(keyHash, Now);
        }
    }

    /// <summary>Records a failed attempt.</summary>
    /// <param name="context">The request.</param>
    /// <param name="refusal">The answer within the limit of the address.</param>
    /// <returns>The answer.</returns>
    internal AgbException Failed(HttpContext context, AgbException refusal)
    {
        if (options.FailedAttemptsPerMinute == 0)
        {
            return refusal;
        }
        var address = AddressOf(context);
        var record = RecordOf(address);
        var failures = record.Fail(Now);
        if (failures == options.FailedAttemptsPerMinute)
        {
            // Logged only here: further keys from the address are refused before the count.
            logger.TooManyFailures(address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"{address}/64" : address.ToString(), failures);
        }
        if (failures <= options.FailedAttemptsPerMinute)
        {
            return refusal;
        }
        return Refuse(context, record.Left(Now, options.FailedAttemptsPerMinute) ?? s_window);
    }

    /// <summary>The address for the count; for IPv6 its /64 network, the usual network of one customer.</summary>
    internal static IPAddress Group(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }
        Span<byte> bytes = stackalloc byte[16];
        if (!address.TryWriteBytes(bytes, out var length) || length != bytes.Length)
        {
            return address;
        }
        bytes[8..].Clear();
        return new IPAddress(bytes);
    }

    private TimeSpan Now => options.TimeProvider.GetElapsedTime(0);

    private static IPAddress AddressOf(HttpContext context) => Group(context.Connection.RemoteIpAddress ?? IPAddress.None);

    private static AgbException Refuse(HttpContext context, TimeSpan left)
    {
        var seconds = Math.Max(1, Math.Ceiling(left.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        context.Response.Headers.RetryAfter = seconds;
        return new AgbException(
            AgbErrorIds.TooManyRequests, AgbErrorKind.ResourceExhausted, "Too many failed attempts from this address.", $"Try again after {seconds} s.");
    }

    private Record RecordOf(IPAddress address)
    {
        if (_records.TryGetValue(address, out var record))
        {
            return record;
        }
        record = _records.GetOrAdd(address, _ => new Record());
        if (_records.Count > MostAddresses)
        {
            Forget(address);
        }
        return record;
    }

    private void Forget(IPAddress but)
    {
        lock (_forgetting)
        {
            var all = _records.ToArray();
            // Remove a quarter at once, so this is rare.
            foreach (var old in all.Where(r => !r.Key.Equals(but)).OrderBy(r => r.Value.LastHeard).Take(all.Length - (MostAddresses * 3 / 4)))
            {
                _records.TryRemove(old);
            }
        }
    }

    /// <summary>The record of an address.</summary>
    private sealed class Record
    {
        private readonly Lock _gate = new();
        private readonly Queue<byte[]> _keys = new();
        private TimeSpan _began;
        private int _failures;

        internal TimeSpan LastHeard { get; private set; }

        /// <summary>Counts a failure.</summary>
        /// <returns>The failures in this window.</returns>
        internal int Fail(TimeSpan now)
        {
            lock (_gate)
            {
                LastHeard = now;
                if (_failures == 0 || now - _began >= s_window)
                {
                    (_began, _failures) = (now, 0);
                }
                return _failures == int.MaxValue ? _failures : ++_failures;
            }
        }

        /// <summary>The remaining time of the refusal; null if not refused.</summary>
        internal TimeSpan? Left(TimeSpan now, int limit)
        {
            lock (_gate)
            {
                return _failures >= limit && _began + s_window - now is { Ticks: > 0 } left ? left : null;
            }
        }

        internal bool Knows(byte[] keyHash)
        {
            lock (_gate)
            {
                var isKnown = false;
                foreach (var key in _keys)
                {
                    isKnown |= CryptographicOperations.FixedTimeEquals(key, keyHash);
                }
                return isKnown;
            }
        }

        internal void Learn(byte[] keyHash, TimeSpan now)
        {
            lock (_gate)
            {
                LastHeard = now;
                if (_keys.Any(k => CryptographicOperations.FixedTimeEquals(k, keyHash)))
                {
                    return;
                }
                _keys.Enqueue(keyHash);
                if (_keys.Count > MostKeys)
                {
                    _keys.Dequeue();
                }
            }
        }
    }
}
