using System.Net;
using System.Security;
using System.Security.Cryptography;
using System.Text;
using Agb.Cloud;

namespace Agb.PowerShell.Hosting;

/// <summary>The only place that knows the client of AGB services.</summary>
internal static class RemoteServices
{
    /// <summary>What the environment asks for, or null when it asks for no service over the network.</summary>
    internal static RemoteSettings? Find(string directory) =>
        CloudEnvironment.Find(directory: directory) is { } found ? Settings(found) : null;

    /// <summary>What the environment and the command line ask for.</summary>
    /// <exception cref="AgbException">AuthenticationFailed when there is no key; InvalidSetting.</exception>
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

    // The client has hidden what is secret.
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

/// <summary>Settings of a service over the network.</summary>
/// <param name="Identity">Tells one service from another; holds no key.</param>
/// <param name="Open">Makes the client. Nothing is sent yet.</param>
internal sealed record RemoteSettings(string Identity, Func<IAgbService> Open);
