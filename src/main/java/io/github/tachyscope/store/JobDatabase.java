package io.github.tachyscope.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import io.github.tachyscope.config.JobSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.SqlStatements;

/**
 * The connections to the database, its tables, and the rule what a failure means: a transaction that lost against
 * another is run again, a database that cannot be reached is {@link StoreUnavailable}.
 */
final class JobDatabase implements AutoCloseable {
    /** Longest single statement; also the longest silence of a PostgreSQL server that hangs. */
    private static final Duration STATEMENT_LIMIT = Duration.ofSeconds(30);

    /** Runs of one transaction that lost each time; with short transactions the second always went through. */
    private static final int MAX_RUNS = 5;

    private final HikariDataSource pool;
    private final Jdbi jdbi;

    private JobDatabase(HikariDataSource pool) {
        this.pool = pool;
        this.jdbi = Jdbi.create(pool);
        jdbi.getConfig(SqlStatements.class).setQueryTimeout((int) STATEMENT_LIMIT.toSeconds());
    }

    /**
     * Connects and brings the tables to the state that this version needs.
     *
     * @param migrations places on the class path
     * @throws StoreUnavailable if the database cannot be reached, or a newer version has changed its tables
     */
    static JobDatabase open(JobSettings settings, String... migrations) {
        HikariDataSource pool = connect(settings);
        try {
            Flyway.configure(JobDatabase.class.getClassLoader())
                    .dataSource(pool)
                    .locations(migrations)
                    .table("job_schema")
                    // The default would let an old version work on tables that it does not know.
                    .ignoreMigrationPatterns(new String[0])
                    .load()
                    .migrate();
            return new JobDatabase(pool);
        } catch (FlywayException failure) {
            pool.close();
            throw new StoreUnavailable(
                    "The tables of the job database could not be brought up to date, or belong to a newer version: "
                            + failure.getMessage().lines().findFirst().orElse(""),
                    failure);
        }
    }

    private static HikariDataSource connect(JobSettings settings) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("jobs");
        config.setJdbcUrl(settings.url().orElseGet(() -> file(settings)));
        config.setUsername(settings.user());
        config.setPassword(settings.password().value());
        config.setMaximumPoolSize(settings.poolSize());
        config.setConnectionTimeout(settings.poolWait().toMillis());
        config.setValidationTimeout(settings.poolWait().toMillis());
        config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
        if (config.getJdbcUrl().startsWith("jdbc:postgresql:")) {
            config.addDataSourceProperty("socketTimeout", Long.toString(STATEMENT_LIMIT.toSeconds()));
            config.addDataSourceProperty("ApplicationName", "tachyscope");
        }
        try {
            return new HikariDataSource(config);
        } catch (PoolInitializationException failure) {
            throw unreachable(failure);
        }
    }

    /** Every commit is in the file before the call returns, and the database is closed by us alone. */
    private static String file(JobSettings settings) {
        try {
            Files.createDirectories(settings.dir());
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot make " + settings.dir(), failure);
        }
        String path = settings.dir().toAbsolutePath().resolve("jobs").toString().replace(";", "\\;");
        return "jdbc:h2:file:" + path + ";WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE";
    }

    /** Runs {@code work} as one transaction, again if it lost against another one. */
    <T> T inTransaction(HandleCallback<T, RuntimeException> work) {
        for (int run = 1; ; run++) {
            try {
                return jdbi.inTransaction(work);
            } catch (JdbiException failure) {
                String state = sqlState(failure).orElse("");
                if (!lost(state) || run == MAX_RUNS) {
                    throw failure instanceof ConnectionException || unavailable(state) ? unreachable(failure) : failure;
                }
            }
        }
    }

    /** Whether the failure says that a row with that key exists. */
    static boolean isDuplicate(JdbiException failure) {
        return sqlState(failure).filter("23505"::equals).isPresent();
    }

    /** Deadlock, serialization failure, or H2's lock that was not to be had in time. */
    private static boolean lost(String state) {
        return state.equals("40001") || state.equals("40P01") || state.equals("HYT00");
    }

    /**
     * Connection lost, no resources, shut down, broken files; H2's own states for a closed, locked or unreadable file
     * begin with 90.
     */
    private static boolean unavailable(String state) {
        return state.startsWith("08")
                || state.startsWith("53")
                || state.startsWith("57")
                || state.startsWith("58")
                || state.startsWith("90")
                || lost(state);
    }

    private static Optional<String> sqlState(Throwable failure) {
        Optional<String> state = Optional.empty();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getSQLState() != null) {
                state = Optional.of(sql.getSQLState());
            }
        }
        return state;
    }

    private static StoreUnavailable unreachable(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return new StoreUnavailable(
                "The job database does not answer (tachyscope.jobs.url): " + root.getMessage(), failure);
    }

    @Override
    public void close() {
        pool.close();
    }
}
