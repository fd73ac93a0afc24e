@echo off
rem Starts Tachyscope with the settings that its native libraries need. JAVA_HOME chooses the JVM,
rem TACHYSCOPE_JAVA_OPTS adds options for it; everything else goes to the program.
setlocal

for %%i in ("%~dp0..") do set "APP_DIR=%%~fi"

set "JAVA=java"
if defined JAVA_HOME set "JAVA=%JAVA_HOME%\bin\java"

set "JAVA_MAJOR="
for /f "tokens=3" %%v in ('""%JAVA%" -XshowSettings:properties -version 2>&1 | findstr /c:"java.specification.version ="') do set "JAVA_MAJOR=%%v"
if not defined JAVA_MAJOR (
    echo tachyscope: cannot run %JAVA%; install Java 17 or later, or set JAVA_HOME 1>&2
    exit /b 5
)
for /f "delims=." %%v in ("%JAVA_MAJOR%") do set "JAVA_MAJOR=%%v"
if %JAVA_MAJOR% lss 17 (
    echo tachyscope: %JAVA% is too old; Java 17 or later is needed 1>&2
    exit /b 5
)

if not defined OMP_WAIT_POLICY set "OMP_WAIT_POLICY=PASSIVE"
if not defined OPENBLAS_NUM_THREADS set "OPENBLAS_NUM_THREADS=1"

set "NATIVE="
if %JAVA_MAJOR% geq 24 set "NATIVE=--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow"

"%JAVA%" -Xmx1g -Dorg.bytedeco.javacpp.maxPhysicalBytes=12g -Djna.nosys=true %NATIVE% "-Dapp.home=%APP_DIR%" %TACHYSCOPE_JAVA_OPTS% -cp "%APP_DIR%\lib\*" io.github.tachyscope.app.Main %*
exit /b %ERRORLEVEL%
