using System.Net;
using System.Security;
using System.Security.Cryptography;
using Agb.Cloud;

namespace Agb.PowerShell;

/// <summary>The only access to the client of AGB services.</summary>
internal static class RemoteServices
{
    /// <summary>The settings from the environment, or null if it names no remote service.</summary>
    internal static RemoteSettings? Find(string directory) =>
        CloudEnvironment.Find(directory: directory) is { } found ? Settings(found) : null;

    /// <summary>The settings from the environment and the command line.</summary>
    /// <exception cref="AgbException">AuthenticationFailed: no key; InvalidSetting.</exception>
    internal static RemoteSettings Require(string directory, string? endpoint, SecureString? apiKey, TimeSpan? timeout)
    {
        var key = apiKey is null ? null : new NetworkCredential("", apiKey).Password;
        return CloudEnvironment.Find(endpoint, key, timeout, directory) is { } found
            ? Settings(found)
            : throw new AgbException(
                AgbErrorIds.AuthenticationFailed, AgbErrorKind.InvalidInput, "No API key is given.",
                $"Give one with -ApiKey, or set {CloudEnvironment.ApiKeyVariable}.");
    }

    private static RemoteSettings Settings(FoundSettings found)
    {
        var key = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(found.Options.ApiKey)));
        return new RemoteSettings(
            $"{found.Options.Endpoint} {key} {found.Options.Timeout.Ticks}", () => Open(found.Options));
    }

    private static AgbCloudService Open(AgbCloudOptions options)
    {
        var service = new AgbCloudService(options);
        service.Exchanged += Trace;
        return service;
    }

    // The client has masked secrets.
    private static void Trace(AgbWireExchange exchange)
    {
        if (WireTrace.IsOn)
        {
            string?[] lines = [exchange.ToString(), Line(">", exchange.RequestBody), Line("<", exchange.ResponseBody)];
            WireTrace.Write(string.Join('\n', lines.Where(l => l is not null)));
        }

        static string? Line(string direction, string? body) => body is null ? null : $"{direction} {body}";
    }
}

/// <summary>Settings of a remote service.</summary>
/// <param name="Identity">Distinguishes the service from others; holds no key.</param>
/// <param name="Open">Creates the client, without a request.</param>
internal sealed record RemoteSettings(string Identity, Func<IAgbService> Open);
