using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Agb.Server.Hosting;

/// <summary>Counts, for each address, the attempts that failed within a minute: wrong keys, tokens and signatures. Beyond the limit keys from
/// there are not looked at any more until the minute is over, but for those that were good from the same address before: a client
/// that shares its address with one that guesses goes on working. What is signed is always checked, since there is nothing to look
/// up and nothing that a person chose.</summary>
internal sealed partial class FailedAttempts(ServerOptions options, ILogger<FailedAttempts> logger)
{
    /// <summary>The most addresses that are remembered. Beyond, those that were not heard of for longest are forgotten.</summary>
    internal const int MostAddresses = 8192;

    private const int MostKeys = 8;

    private static readonly TimeSpan s_window = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<IPAddress, Record> _records = new();
    private readonly Lock _forgetting = new();

    /// <summary>How many addresses are remembered.</summary>
    internal int Addresses => _records.Count;

    /// <summary>Refuses a key whose address has failed too often, before anything is looked up.</summary>
    /// <exception cref="AgbException">TooManyRequests.</exception>
    internal void Require(HttpContext context, byte[] keyHash)
    {
        if (options.FailedAttemptsPerMinute > 0 && _records.TryGetValue(AddressOf(context), out var record)
            && record.Left(Now, options.FailedAttemptsPerMinute) is { } left && !record.Knows(keyHash))
        {
            throw Refuse(context, left);
        }
    }

    /// <summary>Notes that a key was good.</summary>
    internal void Succeeded(HttpContext context, byte[] keyHash)
    {
        if (options.FailedAttemptsPerMinute > 0)
        {
            RecordOf(AddressOf(context)).Learn(keyHash, Now);
        }
    }

    /// <summary>Notes that an attempt failed.</summary>
    /// <param name="context">The request.</param>
    /// <param name="refusal">The answer, as long as the address is within its limit.</param>
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
            // Now: further keys from there are refused before they count.
            LogTooMany(address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"{address}/64" : address.ToString(), failures);
        }
        if (failures <= options.FailedAttemptsPerMinute)
        {
            return refusal;
        }
        return Refuse(context, record.Left(Now, options.FailedAttemptsPerMinute) ?? s_window);
    }

    /// <summary>Whose attempts are counted together: of an IPv6 address the network, which is what one customer has.</summary>
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
            AgbErrorIds.TooManyRequests, AgbErrorKind.ResourceExhausted, "Too many attempts from this address failed.", $"Come again after {seconds} s.");
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
            // A quarter at once, so that it is seldom.
            foreach (var old in all.Where(r => !r.Key.Equals(but)).OrderBy(r => r.Value.LastHeard).Take(all.Length - (MostAddresses * 3 / 4)))
            {
                _records.TryRemove(old);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Limit} attempts from {Address} failed within a minute. Keys from there that are not known yet are refused until it is over.")]
    private partial void LogTooMany(string address, int limit);

    /// <summary>What is known of an address.</summary>
    private sealed class Record
    {
        private readonly Lock _gate = new();
        private readonly Queue<byte[]> _keys = new();
        private TimeSpan _began;
        private int _failures;

        internal TimeSpan LastHeard { get; private set; }

        /// <summary>Counts a failure, and tells how many there were in this window.</summary>
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

        /// <summary>How long the address is refused; null when it is not.</summary>
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
