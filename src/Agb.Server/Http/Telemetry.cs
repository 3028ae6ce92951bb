using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Agb.Server;

/// <summary>The server's own measurements, in addition to ASP.NET Core's. They leave the process only with
/// <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> set (OpenTelemetry Protocol Exporter specification).</summary>
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
        _errors = _meter.CreateCounter<long>("agb.server.errors", "{error}", "Calls with an error as answer, by error id.");
        _tools = _meter.CreateHistogram<double>("agb.server.tool.duration", "s", "Duration of tool calls, by name and outcome.");
        _objectBytes = _meter.CreateCounter<long>("agb.server.object.bytes", "By", "Bytes moved through presigned URLs, by direction.");
    }

    /// <summary>Records a failed call.</summary>
    internal void Failed(string errorId) => _errors.Add(1, new KeyValuePair<string, object?>("error.type", errorId));

    /// <summary>Records a tool call.</summary>
    internal void CalledTool(string name, bool isError, TimeSpan duration) => _tools.Record(
        duration.TotalSeconds, new KeyValuePair<string, object?>("tool", name), new KeyValuePair<string, object?>("error", isError));

    /// <summary>Records moved bytes.</summary>
    internal void Moved(string direction, long bytes) => _objectBytes.Add(bytes, new KeyValuePair<string, object?>("direction", direction));

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    /// <summary>Sets up the measurements and their export.</summary>
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
                // Paths of links and queries of presigned URLs contain signatures.
                activity.SetTag("url.path", RouteOf(response.HttpContext));
                activity.SetTag("url.query", null);
            }))
            .UseOtlpExporter();
    }

    /// <summary>The pattern of a request's endpoint, without secrets.</summary>
    internal static string RouteOf(HttpContext context) => (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "(none)";
}

/// <summary>The version of this program.</summary>
internal static class ServerVersion
{
    /// <summary>Its text.</summary>
    internal static string Text { get; } = typeof(ServerVersion).Assembly.GetName().Version!.ToString(3);
}
