using System.Diagnostics.Metrics;
using Agb.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Agb.Server.Hosting;

/// <summary>The server's own measurements, beside those of ASP.NET Core. They leave the process only when
/// <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set (OpenTelemetry Protocol Exporter specification).</summary>
internal sealed class Telemetry : IDisposable
{
    /// <summary>The meter's name.</summary>
    internal const string MeterName = "Agb.Server";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _errors;
    private readonly Histogram<double> _tools;
    private readonly Counter<long> _objectBytes;

    public Telemetry()
    {
        _errors = _meter.CreateCounter<long>("agb.server.errors", "{error}", "Calls that were answered with an error, by its id.");
        _tools = _meter.CreateHistogram<double>("agb.server.tool.duration", "s", "How long tools took, by name and outcome.");
        _objectBytes = _meter.CreateCounter<long>("agb.server.object.bytes", "By", "Bytes moved through presigned URLs, by direction.");
    }

    /// <summary>A call failed.</summary>
    internal void Failed(string errorId) => _errors.Add(1, new KeyValuePair<string, object?>("error.type", errorId));

    /// <summary>A tool was called.</summary>
    internal void CalledTool(string name, bool isError, TimeSpan duration) => _tools.Record(
        duration.TotalSeconds, new KeyValuePair<string, object?>("tool", name), new KeyValuePair<string, object?>("error", isError));

    /// <summary>Bytes were moved.</summary>
    internal void Moved(string direction, long bytes) => _objectBytes.Add(bytes, new KeyValuePair<string, object?>("direction", direction));

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    /// <summary>Sets up what is measured and where it goes.</summary>
    internal static void AddTo(IServiceCollection services)
    {
        services.AddSingleton<Telemetry>();
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT")))
        {
            return;
        }
        services.AddOpenTelemetry()
            .ConfigureResource(r => r.AddService(AgbInfo.ServerProduct, serviceVersion: ServerVersion.Text))
            .WithMetrics(m => m.AddMeter(MeterName).AddAspNetCoreInstrumentation())
            .WithTracing(t => t.AddAspNetCoreInstrumentation(o => o.EnrichWithHttpResponse = (activity, response) =>
            {
                // Paths of links hold their signatures, and queries of presigned URLs too.
                activity.SetTag("url.path", RouteOf(response.HttpContext));
                activity.SetTag("url.query", null);
            }))
            .UseOtlpExporter();
    }

    /// <summary>The pattern of the endpoint that a request met, which has no secrets in it.</summary>
    internal static string RouteOf(HttpContext context) => (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "(none)";
}

/// <summary>The version of this program.</summary>
internal static class ServerVersion
{
    /// <summary>Its text.</summary>
    internal static string Text { get; } = typeof(ServerVersion).Assembly.GetName().Version!.ToString(3);
}
